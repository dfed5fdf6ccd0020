import type { Command } from '../command-line/command.js'
import { secretsFrom } from '../configuration/server.js'
import { newSecret } from './new-secret.js'
import { nextList, stepOf } from './rotation.js'
import type { Step } from './rotation.js'

const secretsNew: Command = {
  name: 'secrets new',
  summary: 'Make a secret for OAUTH_SECRETS: 48 random bytes',
  run: ({ output }) => {
    const secret = newSecret()
    output.result({ secret }, () => secret)
    return Promise.resolve(0)
  },
}

const advice: Readonly<Record<Step, string>> = {
  add: 'Deploy this list everywhere: the new secret is last, and every process knows it. Then --step use.',
  use: 'Deploy this list everywhere: the new secret is first, and signs. Sessions go over to it at their next refresh.',
  drop: 'Deploy this list no sooner than the longest idle lifetime after --step use: what the older secrets signed ends now.',
}

const secretsRotate: Command = {
  name: 'secrets rotate',
  summary: 'Print the next value of OAUTH_SECRETS, step by step',
  details:
    'Reads OAUTH_SECRETS from the environment and changes nothing. A rotation takes three deployments, so that no session ' +
    'ends: add (the new secret is last), use (it is first, and signs), drop (it is alone).',
  options: { step: { value: 'step', help: 'add (default), use or drop' } },
  run: ({ options, environment, output }) => {
    const step = stepOf(options.text('step'))
    const secrets = nextList(secretsFrom(environment), step, newSecret)
    output.result({ secrets }, () => secrets.join(','))
    output.note(advice[step])
    return Promise.resolve(0)
  },
}

export const secretCommands: readonly Command[] = [secretsNew, secretsRotate]

import { installWithApt, systemProbes } from '@oauth-ratchet/engines'
import type { SystemProbes } from '@oauth-ratchet/engines'

export const HOW_TO_GET_CHROMIUM =
  'There is no Chromium to test in. Set CHROMIUM_BINARY to one (Chrome does too), or install it: ' +
  '`sudo apt-get install -y chromium` on Debian, `brew install --cask chromium` on macOS.'

const NAMES = ['chromium', 'chromium-browser', 'google-chrome', 'google-chrome-stable']
const MACOS = '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome'

/** The program of a Chromium: that of `CHROMIUM_BINARY`, one on PATH, an installed Chrome, or one that apt brings. */
export function findChromium(probes: SystemProbes = systemProbes): string {
  const named = probes.env['CHROMIUM_BINARY']
  if (named) {
    if (probes.isExecutable(named)) return named
    throw new Error(`CHROMIUM_BINARY is ${named}, which is not a program that can be run.`)
  }
  const here = (): string | undefined =>
    NAMES.map(probes.findOnPath).find((path) => path !== undefined) ??
    (probes.isExecutable(MACOS) ? MACOS : undefined)
  const found = here() ?? (installWithApt(probes, 'chromium') ? here() : undefined)
  if (!found) throw new Error(HOW_TO_GET_CHROMIUM)
  return found
}

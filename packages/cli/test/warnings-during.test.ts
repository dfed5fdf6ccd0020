import { warningsDuring } from '../src/configuration/warnings-during.js'

// Not `process.emitWarning`: Jest's copy of `process` would emit at the real one.
function warn(message: string, name = 'Warning'): void {
  process.emit('warning', Object.assign(new Error(message), { name }))
}

let written: string[]
const write = ({ message }: Error): void => void written.push(message)
const others = process.listeners('warning')

beforeEach(() => {
  written = []
  process.removeAllListeners('warning')
  process.on('warning', write)
})

afterEach(() => {
  process.removeAllListeners('warning')
  for (const other of others) process.on('warning', other)
})

describe('while work runs whose warnings are collected', () => {
  it('those of oauth-ratchet are returned with the result, and not written', async () => {
    const { result, warnings } = await warningsDuring(() => {
      warn('a short secret', 'OAuthRatchetWarning')
      return Promise.resolve('done')
    })

    expect(result).toBe('done')
    expect(warnings.map(({ message }) => message)).toEqual(['a short secret'])
    expect(written).toEqual([])
  })

  it('those of Node and of drivers are written as always', async () => {
    const { warnings } = await warningsDuring(() => {
      warn('this driver is deprecated')
      return Promise.resolve()
    })

    expect(warnings).toEqual([])
    expect(written).toEqual(['this driver is deprecated'])
  })

  it('a failure leaves the listeners as they were', async () => {
    await expect(warningsDuring(() => Promise.reject(new Error('no')))).rejects.toThrow('no')
    warn('later', 'OAuthRatchetWarning')

    expect(written).toEqual(['later'])
  })
})

import crypto from 'node:crypto'

const scrypt = jest.spyOn(crypto, 'scrypt')
// Only now, since it takes hold of `scrypt` when it is loaded.
const loaded = import('../src/users.js')

beforeEach(() => scrypt.mockClear())

test('a password is its user’s only', async () => {
  const { checkPassword } = await loaded

  expect(await checkPassword('alice', 'wonderland')).toBe('alice')
  expect(await checkPassword('bob', 'wonderland')).toBeUndefined()
  expect(await checkPassword('carol', 'wonderland')).toBeUndefined()
})

test.each(['\0', '\0\0\0', '\n', '\u001b', '\u007f', '\u0085'])(
  'a password or a name with the control character %j is wrong: HMAC pads with zeros',
  async (control) => {
    const { checkPassword } = await loaded
    for (const password of [`wonderland${control}`, `${control}wonderland`, `wonder${control}land`]) {
      expect(await checkPassword('alice', password)).toBeUndefined()
    }
    expect(await checkPassword(`alice${control}`, 'wonderland')).toBeUndefined()
  },
)

test('a password that is endless is wrong without the work of hashing it; 1,024 characters are hashed', async () => {
  const { checkPassword } = await loaded

  expect(await checkPassword('alice', 'x'.repeat(1025))).toBeUndefined()
  expect(scrypt).not.toHaveBeenCalled()
  expect(await checkPassword('alice', 'x'.repeat(1024))).toBeUndefined()
  expect(scrypt).toHaveBeenCalledTimes(1)
})

/** @jest-config-loader esbuild-register */
import type { Config } from 'jest'
import { availableParallelism } from 'node:os'

// Tests run on the sources: package names lead to src/, and `./x.js` (what Node's ESM wants written) to x.ts.
const config: Config = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/{packages,examples,testing}/*/test/**/*.test.ts'],
  moduleNameMapper: {
    '^@oauth-ratchet/(client|core|http|express|sqlite|redis|mongoose|oauth2-server|opentelemetry|storage-contract|testing)$':
      '<rootDir>/packages/$1/src/index.ts',
    '^@oauth-ratchet/client/(axios|node)$': '<rootDir>/packages/client/src/$1',
    '^@oauth-ratchet/http/adapter$': '<rootDir>/packages/http/src/adapter.ts',
    '^@oauth-ratchet/(engines|browser)$': '<rootDir>/testing/$1/src/index.ts',
    '^(\\.{1,2}/.*)\\.js$': '$1',
  },
  transform: {
    '^.+\\.[jt]s$': ['@swc/jest', { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' } }],
  },
  // jose and oauth4webapi are ESM only, and Jest runs CommonJS. The driver of MongoDB loads `os` by an `import()`, which
  // Jest refuses without --experimental-vm-modules: a mongod then refuses the connection, as nothing says what connects.
  transformIgnorePatterns: ['/node_modules/(?!(jose|oauth4webapi)/|.*mongodb/lib/runtime_adapters\\.js$)'],
  // Starts no engine by itself: each is started once, when the first test file asks for it, and stopped at the end.
  globalSetup: '<rootDir>/testing/engines/src/global-setup.ts',
  globalTeardown: '<rootDir>/testing/engines/src/global-teardown.ts',
  // A driver's socket that is still closing when the last test has passed must not keep the run from ending.
  forceExit: true,
  testTimeout: 30_000,
  testSequencer: '<rootDir>/testing/engines/src/slowest-first.cjs',
  // Much of it waits for engines and browsers: three at once also where there are two processors, and Jest would take one.
  maxWorkers: Math.max(3, availableParallelism() - 1),
}

export default config

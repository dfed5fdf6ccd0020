import type { SessionMatchers } from '@oauth-ratchet/testing'

declare global {
  namespace jest {
    interface Matchers<R> extends SessionMatchers {}
  }
}

import type { Auth } from '@oauth-ratchet/core'

// Types only, and opt-in: `import '@oauth-ratchet/express/augment'` gives `req.auth` its type in the whole program.
// Not part of the package's main entry, since two libraries that declare `auth` differently do not compile together.
declare global {
  // The name under which @types/express lets others add to its request.
  namespace Express {
    interface Request {
      /** Set by `requireToken` where a token was shown. */
      auth?: Auth
    }
  }
}

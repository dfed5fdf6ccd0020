import type { AuthorizationServer } from '@oauth-ratchet/core'
import type { SessionOwner } from './session-owner.js'

/** Ends one session, if it is the owner's. False for one that is somebody else's, has ended, or never was. */
export function endOne(server: AuthorizationServer, { subject }: SessionOwner, id: string): Promise<boolean> {
  return server.grants.revoke(id, { subject })
}

/**
 * Ends all sessions of the owner but this one, codes that wait to be redeemed included: all of them where the app has not
 * said which is this one. Answers how many were live.
 */
export function endOthers(server: AuthorizationServer, owner: SessionOwner): Promise<number> {
  const { subject, session, grantId } = owner
  return server.grants.revokeAll({
    subject,
    ...(grantId !== undefined && { except: grantId }),
    ...(session !== undefined && { exceptSession: session }),
  })
}

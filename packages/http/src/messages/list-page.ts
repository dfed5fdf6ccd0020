import { isCursorError, OAuthError } from '@oauth-ratchet/core'

/**
 * Reads a page of a listing.
 *
 * @throws OAuthError `invalid_request` for a cursor that this listing has not given
 */
export async function listPage<Page>(list: () => Promise<Page>): Promise<Page> {
  try {
    return await list()
  } catch (error) {
    if (isCursorError(error)) throw new OAuthError('invalid_request', 'The cursor is not one of this list.')
    throw error
  }
}

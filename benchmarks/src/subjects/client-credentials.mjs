/** Of the confidential client: as long as `openssl rand -hex 32` makes one, and guards nothing. */
export const clientSecret = '6e552b578149da9463159c23cccc2b3145fd6cc141ec8c0e259734997afc1cff'

/** Of the public client that exchanges codes. */
export const redirectUri = 'https://app.example/callback'
export const codeVerifier = 'pQ7rM2xYb0HnT5cVs8LwKj3uGfEd9ZaO1iRtBqXyNsM'

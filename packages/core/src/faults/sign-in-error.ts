/** What the app said of a sign-in cannot be right. From a callback it is a fault of the callback's. */
export class SignInError extends TypeError {
  override readonly name = 'SignInError'
}

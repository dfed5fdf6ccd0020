/** A setting that cannot work. The message is one sentence for whoever starts the server, without any secret. */
export class SettingError extends Error {
  override readonly name = 'SettingError'
}

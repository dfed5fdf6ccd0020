/** What the server says of the demo (`settings.json` beside the page). */
export interface DemoSettings {
  readonly issuer: string
  readonly tokenEndpoint: string
  /** Null: the server has clients of its own, and the demo's is not among them. */
  readonly clientId: string | null
}

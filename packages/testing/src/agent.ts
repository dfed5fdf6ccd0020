/** What of a request of supertest is used. */
export interface AgentRequest extends PromiseLike<AgentResponse> {
  set(field: string, value: string): this
  get(field: string): unknown
  type(type: string): this
  send(body: object): this
  end(callback?: (error: unknown, response: unknown) => void): unknown
}

export interface AgentResponse {
  readonly status: number
  readonly headers: object
  readonly body: unknown
}

/** `request(app)` and `request.agent(app)` are such, whose own types have overloads that fit no simple interface. */
export interface Agent {
  post(url: string): AgentRequest
}

/** Where a request goes that is not answered here, or an error that the app wants to answer itself. */
export type Next = (error?: unknown) => void

/** Answers a request. Does not reject: what goes wrong is answered too, or handed to `next`. */
export type Answer<Req, Res> = (req: Req, res: Res, next: Next | undefined) => Promise<void>

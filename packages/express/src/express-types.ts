import type * as http from '@oauth-ratchet/http'
import type { Request, Response } from 'express'

// The types of @oauth-ratchet/http, which describes them, with the request and the response of Express.

/** Says who is signed in. @see {@link http.SignInCallback} */
export type SignInCallback = http.SignInCallback<Request, Response>

/** Says whether the user agrees to what the client asks for. @see {@link http.ConsentCallback} */
export type ConsentCallback = http.ConsentCallback<Request, Response>

/** Called with what the user has decided on a consent page. @see {@link http.DecisionCallback} */
export type DecisionCallback = http.DecisionCallback<Request, Response>

/** How the built-in pages look and speak. @see {@link http.PagesOptions} */
export interface PagesOptions extends http.PagesOptions<Request, Response> {}

/** Writes the error page and ends the response. @see {@link http.ErrorPageCallback} */
export type ErrorPageCallback = http.ErrorPageCallback<Request, Response>

/** The options, or a function that is asked for each page. @see {@link http.PagesSource} */
export type PagesSource = http.PagesSource<Request, Response>

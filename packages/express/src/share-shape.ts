import type { IncomingMessage, ServerResponse } from 'node:http'

/**
 * Express changes the prototypes of a request and its response and adds to both afterwards. V8 before 13 (Node 20 and 22)
 * gives an object a shape of its own for that, so that whatever touches one of them, in Express, here or in Node, is a
 * look-up that no cache answers: a fifth of what a refresh costs. An object that has lost a property is kept as a
 * dictionary, and all dictionaries of one kind have one shape. So each gives up a property of its own and gets it back.
 * Nothing else about it changes; where V8 shares the shapes itself, it would cost more than it saves.
 */
export function shareShape(req: IncomingMessage, res: ServerResponse): void {
  if (!shapesDiffer) return
  retake(req, 'complete')
  retake(res, 'sendDate')
}

// As it was, whatever it is: a plain assignment could meet a setter, or be refused. A guard may be called without a response.
function retake(object: object | null | undefined, name: string): void {
  if (object === undefined || object === null || !Object.isExtensible(object)) return
  const own = Object.getOwnPropertyDescriptor(object, name)
  if (own?.configurable !== true) return
  Reflect.deleteProperty(object, name)
  Object.defineProperty(object, name, own)
}

const shapesDiffer = Number.parseInt(process.versions.v8) < 13

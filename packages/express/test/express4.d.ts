// The alias of the workspace root; its types are those of Express 5, which the tests do not go beyond.
declare module 'express4' {
  export { default } from 'express'
}

/** A type's members without `readonly`: for what is filled member by member where it is made. */
export type Writable<T> = { -readonly [Member in keyof T]: T[Member] }

import type { Content, Range } from '../snapshot/content.ts'

/** The key of an object: names of letters, digits, `-`, `_`, `.` and spaces, joined by `/`; see `checkKey`. */
export type Key = string

/**
 * A place for named bytes. An object appears whole or not at all, lasts once `write` has returned, and is never
 * changed or replaced afterwards. Several processes may use one place at the same time.
 *
 * Errors: `destination.name-taken` when the key exists, `object.missing` when it does not, `destination.denied`,
 * `destination.full`, `destination.missing` (the place itself is not there), `destination.failed` for all else.
 */
export interface Destination {
  write(key: Key, content: Content): Promise<void>
  read(key: Key, range?: Range): Promise<AsyncIterable<Uint8Array>>
  /** Bytes of an object; undefined when there is none. */
  size(key: Key): Promise<number | undefined>
  /** The keys that begin with `prefix` (`''` for all), in order. Unfinished objects are never among them. */
  list(prefix: string): AsyncIterable<Key>
  /** Removes an object; one that is not there is no error. */
  remove(key: Key): Promise<void>
  /** Removes what interrupted writes of this owner have left. Called when no other process of the owner runs. */
  sweep(): Promise<void>
}

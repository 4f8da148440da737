import type { Instant } from './clock.ts'
import type { Id } from './words.ts'

/** Something a person should know before agreeing: a sentence, with a code for programs. */
export interface Warning {
  readonly code: string
  readonly message: string
}

/** A dangerous thing, written down before it is done. */
export interface Plan<S> {
  readonly id: Id
  readonly madeAt: Instant
  readonly steps: readonly S[]
  readonly warnings: readonly Warning[]
  /** The words to type. Absent when nothing is replaced or deleted. */
  readonly confirmation?: string
}

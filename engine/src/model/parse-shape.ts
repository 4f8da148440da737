import type { Static, TSchema } from 'typebox'
import { Check, Errors } from 'typebox/schema' // loads in half the time of typebox/value

/** The first thing that does not fit: where, and what was expected. */
export interface Misfit {
  readonly path: string
  readonly message: string
}

/** Why `value` does not have the shape; undefined when it has. */
export function misfitOf(schema: TSchema, value: unknown): Misfit | undefined {
  if (Check(schema, value)) {
    return undefined
  }
  const first = Errors(schema, value)[1][0]
  return { path: first?.instancePath || '/', message: first?.message ?? 'has another shape' }
}

/** Whether `value` has the shape: from here on it is trusted. */
export function hasShape<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return Check(schema, value)
}

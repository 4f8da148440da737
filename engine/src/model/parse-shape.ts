import type { Static, TSchema } from 'typebox'
import Value from 'typebox/value'

/** The first thing that does not fit: where, and what was expected. */
export interface Misfit {
  readonly path: string
  readonly message: string
}

/** Why `value` does not have the shape; undefined when it has. */
export function misfitOf(schema: TSchema, value: unknown): Misfit | undefined {
  if (Value.Check(schema, value)) {
    return undefined
  }
  const first = Value.Errors(schema, value)[0]
  return { path: first?.instancePath || '/', message: first?.message ?? 'has another shape' }
}

/** Whether `value` has the shape: from here on it is trusted. */
export function hasShape<S extends TSchema>(schema: S, value: unknown): value is Static<S> {
  return Value.Check(schema, value)
}

/**
 * One promise of an interface, as a plain function: `run` rejects when the part does not keep it. `make` gives a
 * fresh, empty subject each time.
 */
export interface Check<Subject> {
  readonly name: string
  run(make: () => Promise<Subject>): Promise<void>
}

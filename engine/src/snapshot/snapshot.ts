import type { Facts, Heading } from '../model/index.ts'
import type { Entry } from './entry.ts'

/** A consistent copy of a source at one moment, on its way to a store or back from one. */
export interface Snapshot extends AsyncDisposable {
  readonly heading: Heading
  /** Nobody that we know has signed it: it is opened behind walls only, and nothing that its schema says is run. */
  readonly isStrange?: boolean
  /** The database first, then the images in order of path, by code unit as JavaScript compares. Can be walked again. */
  entries(): AsyncIterable<Entry>
  /**
   * What is known of it: settles once the copy has been checked, rejects when the copy is not good. The problems are those
   * met so far: whoever writes them down asks when the entries have been walked.
   */
  facts(): Promise<Facts>
}

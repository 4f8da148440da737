import type { Disk } from '../../work/disk.ts'
import type { StorePlace } from '../store-place.ts'

/** Where the archives of a workspace lie, and where they are made. */
export interface ArchivePlace extends StorePlace {
  /** A folder of ours on this machine: archives are made, brought back and unpacked there. */
  readonly scratch: string
  /** The disk of the scratch folder. */
  readonly disk: Disk
}

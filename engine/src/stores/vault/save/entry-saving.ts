import type { Snapshot } from '../../../snapshot/snapshot.ts'
import type { JobContext } from '../../../work/job-context.ts'
import type { Polynomial } from '../chunk/gf2.ts'
import type { BlobWriter } from './blob-writer.ts'
import type { FormerBackup } from './former-backup.ts'
import type { TreeBuilder } from './tree-builder.ts'

/** What the entries of one snapshot are stored with. */
export interface EntrySaving {
  readonly former: FormerBackup | undefined
  readonly polynomial: Polynomial
  readonly blobs: BlobWriter
  readonly trees: TreeBuilder
  readonly snapshot: Snapshot
  readonly job: JobContext
}

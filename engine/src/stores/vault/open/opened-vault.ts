import type { VaultWorkers } from '../pool/vault-workers.ts'
import type { BlobIndex } from '../repository/blob-index.ts'
import type { Repository } from '../repository/repository.ts'

/** A repository, what is stored in it, and the threads that open its blobs. */
export interface OpenedVault {
  readonly repository: Repository
  readonly index: BlobIndex
  readonly workers: VaultWorkers
}

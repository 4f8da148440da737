import type { Instant } from './clock.ts'
import type { Progress } from './progress.ts'
import type { Failure } from './tillsafe-error.ts'
import type { Id } from './words.ts'

export type JobKind =
  | 'backup'
  | 'verify'
  | 'restore'
  | 'recover'
  | 'export'
  | 'database-check'
  | 'database-optimize'
  | 'vault-care'

/** How one copy of a backup went: each destination has its own outcome. */
export type CopyOutcome =
  | { readonly destination: string; readonly ok: true; readonly key: string; readonly bytes: number }
  | { readonly destination: string; readonly ok: false; readonly error: Failure }

/** Where a job stands; everyone can watch it. */
export type JobStatus =
  | { readonly state: 'queued' }
  | { readonly state: 'running'; readonly progress: Progress }
  | { readonly state: 'succeeded' }
  | { readonly state: 'failed'; readonly error: Failure }
  | { readonly state: 'cancelled' }

/** One line of the history of jobs. */
export interface JobRecord {
  readonly id: Id
  readonly kind: JobKind
  readonly workspace: string
  readonly startedAt: Instant
  readonly endedAt?: Instant
  readonly state: JobStatus['state']
  readonly error?: Failure
}

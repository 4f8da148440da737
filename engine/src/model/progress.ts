/** The steps of a job as a person sees them pass. */
export type Step =
  | 'waiting'
  | 'snapshot'
  | 'check'
  | 'write'
  | 'read-back'
  | 'safety-backup'
  | 'stage'
  | 'swap'
  | 'clean-up'

/** How far a job is. `total` is absent while it is not known. */
export interface Progress {
  readonly step: Step
  /** Bytes done in this step. */
  readonly bytes: number
  readonly totalBytes?: number
  /** What is being worked on, when there are several: a destination, a backup. */
  readonly subject?: string
}

import Type, { type Static } from 'typebox'
import type { Plan } from './plan.ts'
import type { Id } from './words.ts'

/** Why a person restores: asked each time, and recorded (in France the law wants to know). */
export const RestoreReason = Type.Enum(['machine-changed', 'mistake', 'consultation', 'client-file', 'unstated'])
export type RestoreReason = Static<typeof RestoreReason>

/** What a restore does, in this order. */
export type RestoreStep =
  | { readonly kind: 'stop-till'; readonly command: readonly string[] }
  | { readonly kind: 'take-safety-backup'; readonly database: string }
  | { readonly kind: 'stage'; readonly beside: string; readonly bytes: number }
  | { readonly kind: 'replace-database'; readonly database: string; readonly keeps: 'previous' | 'nothing' }
  | { readonly kind: 'replace-images'; readonly folder: string; readonly count: number }
  | { readonly kind: 'start-till'; readonly command: readonly string[] }

/** Where a restore takes its data from: a backup of the shop, or a database file that somebody brings. */
export type RestoreOrigin =
  | { readonly kind: 'backup'; readonly id: Id }
  /** `sha256` is that of the file when the plan was made; `id` is that of its label, or stands for the file. */
  | {
      readonly kind: 'file'
      readonly id: Id
      readonly file: string
      readonly sha256: string
      readonly labelled: boolean
    }

/** A restore in full, before it is done: from where, into which workspace, and what stands there now. */
export interface RestorePlan extends Plan<RestoreStep> {
  readonly from: RestoreOrigin
  readonly workspace: string
  /** What stands in the place of the database now. */
  readonly current: 'sound' | 'damaged' | 'missing'
}

/** The words that confirm a restore: more of them when less can be taken back. */
export const RESTORE_WORDS = {
  /** The current state is saved first. */
  withSafety: 'RESTORE',
  /** The current state cannot be read as a database, so its files are only set aside. */
  withoutSafety: 'RESTORE WITHOUT SAFETY BACKUP',
  /** The file carries no label of this shop; comes before the other words. */
  foreign: 'FOREIGN',
} as const

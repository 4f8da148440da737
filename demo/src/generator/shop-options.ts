import type { PlantedImages } from '../images/planted-images.ts'

export interface ShopOptions {
  /** Gets `pos.db`, `images/` and `fiscal.key`. Made if it is not there. */
  readonly folder: string
  readonly seed: number
  /** Calendar days of history, the last one included; on some the shop is closed. */
  readonly days: number
  /** The last day of the history, `2026-11-20`. */
  readonly until: string
  /** `Europe/Paris` unless told otherwise. */
  readonly timeZone?: string
  /** An ordinary day's tickets, on both registers together; 330 makes some 100,000 a year. */
  readonly ticketsPerDay?: number
  /** How the till keeps its journal afterwards; `rollback` is SQLite's `DELETE`. */
  readonly journalMode?: 'wal' | 'rollback'
  readonly pageSize?: number
  /** A passphrase makes the database an SQLCipher 4 one. */
  readonly databaseKey?: string
  /** How many products get a picture; 0 makes no images folder content at all. */
  readonly pictures?: number
  /** `false`: the shop has not been handed over yet, so that every sale in it is a test. */
  readonly isInService?: boolean
  readonly onProgress?: (progress: ShopProgress) => void
  readonly signal?: AbortSignal
}

export interface ShopProgress {
  readonly day: string
  readonly daysDone: number
  readonly days: number
}

/** What was made, and where. */
export interface MadeShop {
  readonly folder: string
  readonly databaseFile: string
  readonly imagesFolder: string
  readonly keyFile: string
  readonly tickets: number
  readonly images: PlantedImages
}

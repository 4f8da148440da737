import { setTimeout } from 'node:timers/promises'
import type { Sqlite } from '../../work/sqlite.ts'
import { type DatabaseHeader, readDatabaseHeader } from './database-header.ts'
import type { PageCipher } from './page-cipher.ts'

/** Something was committed between two steps: what was read so far does not belong together. */
export class StateChanged extends Error {}

/** Leaves writers room between two steps. */
const PAUSE_MS = 2

/**
 * Reads one committed state of a database in rollback-journal mode, a short read transaction at a time: while one
 * lasts, writers wait. The change counter in the header shows that all steps saw the same state.
 */
export class ReadSteps {
  readonly #connection: Sqlite
  readonly #descriptor: number
  readonly #cipher: PageCipher | undefined
  #state: DatabaseHeader | undefined
  #longestMs = 0

  /** `descriptor` is the database file: it must stay open until the connection is closed. */
  constructor(connection: Sqlite, descriptor: number, cipher: PageCipher | undefined) {
    this.#connection = connection
    this.#descriptor = descriptor
    this.#cipher = cipher
  }

  /** The longest step so far, in milliseconds: as long as a writer can have waited. */
  get longestMs(): number {
    return this.#longestMs
  }

  /** Runs a short piece of reading. Throws StateChanged when the state is no longer that of the first step. */
  async run<T>(read: (header: DatabaseHeader) => T): Promise<T> {
    await setTimeout(PAUSE_MS)
    const begun = performance.now()
    this.#connection.exec('BEGIN')
    try {
      this.#connection.prepare('SELECT count(*) FROM sqlite_schema').get()
      return read(this.#sameState())
    } finally {
      this.#connection.exec('ROLLBACK')
      this.#longestMs = Math.max(this.#longestMs, performance.now() - begun)
    }
  }

  #sameState(): DatabaseHeader {
    const header = readDatabaseHeader(this.#descriptor, this.#cipher)
    this.#state ??= header
    if (header === undefined || header.walMode || header.changeCounter !== this.#state?.changeCounter) {
      throw new StateChanged()
    }
    return header
  }
}

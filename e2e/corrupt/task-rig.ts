import { copyFileSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fingerprintDifferences, TillsafeError } from '@tillsafe/engine/model'
import { inspect } from '../../engine/src/sources/sqlite/inspect.ts'
import type { SnapshotResult } from '../../engine/src/sources/sqlite/snapshot-task.ts'
import { sqliteFailure } from '../../engine/src/sources/sqlite/sqlite-failure.ts'
import { takeSnapshot } from '../../engine/src/sources/sqlite/take-snapshot.ts'
import type { Base } from './base-databases.ts'
import { type DatabaseBytes, isSameDatabase, readDatabase, writeDatabase } from './database-bytes.ts'
import { type Deed, type Deeds, late, type MutantRig, watch, withProblems } from './deed.ts'
import { Oracle } from './oracle.ts'

const NO_LIMITS = { milliseconds: Number.POSITIVE_INFINITY, walGrowthBytes: Number.POSITIVE_INFINITY }

/**
 * The tasks of the engine's child processes on damaged databases, in this process: a backup's snapshot and check, and the
 * look into a stranger's file. Many times faster than a whole shop; what crashes a child would end the campaign here.
 */
export class TaskRig implements MutantRig {
  readonly #folder = mkdtempSync(join(tmpdir(), 'tillsafe-tasks-'))
  readonly #base: Base
  readonly #oracle: Oracle

  constructor(base: Base) {
    this.#base = base
    this.#oracle = new Oracle(this.#folder, base.cipher)
  }

  async try(mutant: DatabaseBytes): Promise<Deeds> {
    return { copied: await this.#copy(mutant), 'looked into': await this.#lookInto(mutant) }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true })
  }

  get #keys(): { readonly keys?: readonly { readonly key: string }[] } {
    return this.#base.cipher === undefined ? {} : { keys: [{ key: this.#base.cipher.key }] }
  }

  /** As a backup does with the live database. */
  #copy(mutant: DatabaseBytes): Promise<Deed> {
    return this.#do(mutant, async (database, copy) => {
      const { fingerprint, sha256 } = await this.#snapshot(database, copy, false)
      const { faults, ...inspected } = inspect({ kind: 'inspect', file: copy, of: database, ...this.#keys })
      const condition = faults.length === 0 ? 'sound' : 'damaged'
      if (condition === 'sound' && fingerprintDifferences(fingerprint, inspected.fingerprint).length > 0) {
        throw new TillsafeError('backup.damaged', 'the copy differs from the database')
      }
      return { outcome: condition, problems: this.#oracle.check(mutant, database, { file: copy, sha256, condition }) }
    })
  }

  /** As `analyze` does with a file of which nobody knows who made it. */
  #lookInto(mutant: DatabaseBytes): Promise<Deed> {
    return this.#do(mutant, async (database, copy) => {
      if (mutant.wal === undefined) {
        copyFileSync(database, copy)
      } else {
        await this.#snapshot(database, copy, true)
      }
      const { faults } = inspect({ kind: 'inspect', file: copy, of: database, isStrange: true, ...this.#keys })
      return { outcome: faults.length === 0 ? 'sound' : 'damaged', problems: [] }
    })
  }

  #snapshot(database: string, target: string, isStrange: boolean): Promise<SnapshotResult> {
    const keys = isStrange ? { keys: [], ...this.#keys } : this.#keys
    return takeSnapshot(
      { kind: 'snapshot', database, target, limits: NO_LIMITS, isStrange, ...keys },
      async () => undefined,
    )
  }

  /** In folders of their own, as the engine keeps them apart. */
  async #do(mutant: DatabaseBytes, deed: (database: string, copy: string) => Promise<Omit<Deed, 'ms'>>): Promise<Deed> {
    const [till, ours] = [join(this.#folder, 'till'), join(this.#folder, 'ours')]
    for (const folder of [till, ours]) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder)
    }
    const [database, copy] = [join(till, 'pos.db'), join(ours, 'copy.db')]
    writeDatabase(database, mutant)
    const done = await watch(async () => {
      try {
        return await deed(database, copy)
      } catch (error) {
        throw await sqliteFailure(error, { database, ours, onlyOurs: false })
      }
    })
    const isUntouched = isSameDatabase(readDatabase(database), mutant)
    return withProblems(done, [...late(done), ...(isUntouched ? [] : ['the file was changed'])])
  }
}

import { closeSync, fstatSync, openSync, rmSync } from 'node:fs'
import type { DatabaseFingerprint, SchemaMap } from '../../model/index.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { askSchemaMap, type Meaning } from './ask-schema-map.ts'
import { readDatabaseHeader } from './database-header.ts'
import { isCorrupt, readFingerprint } from './read-fingerprint.ts'

/** Look into a copy: a file of ours that nobody else uses. It is never opened for writing. */
export interface InspectTask {
  readonly kind: 'inspect'
  readonly file: string
  /** What it is a copy of: the name that messages give. */
  readonly of: string
  readonly schemaMap?: SchemaMap
}

export interface InspectResult {
  readonly fingerprint: DatabaseFingerprint
  /** What the engine's own integrity check says, at most a hundred sentences; empty when it finds nothing. */
  readonly faults: readonly string[]
  readonly meaning: Meaning
}

const MOST_FAULTS = 100

/**
 * Checks a copy as far as the engine can: its header, its structure, its counts. This alone does not prove a copy
 * (it overlooks nearly half of all flipped bits): the SHA-256 and the fingerprint of the source do.
 */
export function inspect(task: InspectTask): InspectResult {
  requireWholeFile(task)
  const database = openSqlite(task.file, 'read-only')
  try {
    for (const pragma of ['trusted_schema = OFF', 'cell_size_check = ON', 'mmap_size = 0', 'query_only = ON']) {
      database.pragma(pragma)
    }
    database.exec('BEGIN')
    return {
      faults: findFaults(database),
      fingerprint: readFingerprint(database),
      meaning: askSchemaMap(database, task.schemaMap),
    }
  } finally {
    database.close()
    // Reading a database in WAL mode makes these; the copy is complete without them.
    rmSync(`${task.file}-wal`, { force: true })
    rmSync(`${task.file}-shm`, { force: true })
  }
}

function requireWholeFile({ file, of }: InspectTask): void {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const header = readDatabaseHeader(descriptor)
    if (header === undefined) {
      throw new TillsafeError(
        'source.not-a-database',
        `${of} (${size} bytes) is not a SQLite database, or an encrypted one`,
      )
    }
    if (size < header.pages * header.pageSize) {
      throw new TillsafeError(
        'source.damaged',
        `${of} is cut short: ${size} bytes of ${header.pages * header.pageSize}`,
      )
    }
  } finally {
    closeSync(descriptor)
  }
}

function findFaults(database: Sqlite): string[] {
  try {
    const rows = database.prepare(`PRAGMA integrity_check(${MOST_FAULTS})`).pluck().all().map(String)
    return rows.length === 1 && rows[0] === 'ok' ? [] : rows
  } catch (error) {
    if (isCorrupt(error)) {
      return [`the check itself could not go on: ${error.message}`]
    }
    throw error
  }
}

import { closeSync, fstatSync, openSync } from 'node:fs'
import type { DatabaseEncryption, DatabaseFingerprint, SchemaMap } from '../../model/index.ts'
import { TillsafeError } from '../../model/tillsafe-error.ts'
import { openSqlite, type Sqlite } from '../../work/sqlite.ts'
import { askSchemaMap, type Meaning } from './ask-schema-map.ts'
import { type CipherKey, encryptionOf } from './cipher-key.ts'
import { readDatabaseHeader } from './database-header.ts'
import { type FoundCipher, findCipher } from './find-cipher.ts'
import { type Faults, findFaults } from './find-faults.ts'
import { findForeignCode, NO_FOREIGN_CODE } from './foreign-code.ts'
import type { PageCipher } from './page-cipher.ts'
import { readFingerprint } from './read-fingerprint.ts'
import { removeFile } from './remove-file.ts'

/** Look into a copy: a file of ours that nobody else uses. It is never opened for writing. */
export interface InspectTask {
  readonly kind: 'inspect'
  readonly file: string
  /** What it is a copy of: the name that messages give. */
  readonly of: string
  readonly schemaMap?: SchemaMap
  /** They are tried in turn when the copy is encrypted. */
  readonly keys?: readonly CipherKey[]
  /** Whether somebody else may have made it: then nothing that its schema says is run. Set for all that is behind walls. */
  readonly isStrange?: boolean
}

export interface InspectResult extends Faults {
  readonly fingerprint: DatabaseFingerprint
  readonly meaning: Meaning
  readonly encryption: DatabaseEncryption
  /** The place of the key that fits among those that were given; none for a plain database. */
  readonly key?: number
}

/** Far more than looking into a database takes; what asks for more is refused it. */
const HEAP_BYTES = 128 * 1024 * 1024

/**
 * Checks a copy as far as the engine can: its header, its structure, its counts; of an encrypted one, also the HMAC of each
 * page that is in use, since the engine reads no other. This alone does not prove a copy (it overlooks nearly half of all
 * flipped bits in a plain one): the SHA-256 and the fingerprint of the source do.
 */
export function inspect(task: InspectTask): InspectResult {
  const found = findCipher(task.file, task.keys ?? [], task.of)
  requireWholeFile(task, found?.cipher)
  const database = openSqlite(task.file, 'read-only', 0, found?.cipher)
  try {
    restrain(database, task.isStrange === true)
    database.exec('BEGIN')
    return { ...lookInto(database, task), ...describe(found) }
  } finally {
    database.close()
    // Reading a database in WAL mode makes these; the copy is complete without them.
    removeFile(`${task.file}-wal`)
    removeFile(`${task.file}-shm`)
  }
}

/** As `inspect`, of a plain database of the shop's own that is open and pinned by a transaction. */
export function inspectOpen(database: Sqlite, schemaMap: SchemaMap | undefined): InspectResult {
  restrain(database, false)
  return { ...lookInto(database, { ...(schemaMap && { schemaMap }) }), ...describe(undefined) }
}

/**
 * The driver has opened it as defensive: the schema can't be written, nor shadow tables. The check looks at every cell; that each page is
 * looked at again whenever it is read takes a tenth of the time, and only a stranger's is asked before the check has spoken.
 */
function restrain(database: Sqlite, isStrange: boolean): void {
  const pragmas = ['trusted_schema = OFF', 'mmap_size = 0', 'query_only = ON']
  const more = isStrange
    ? [
        'cell_size_check = ON',
        `hard_heap_limit = ${HEAP_BYTES}`,
        'temp_store = MEMORY',
        'ignore_check_constraints = ON',
      ]
    : []
  for (const pragma of [...pragmas, ...more]) {
    database.pragma(pragma)
  }
}

function lookInto(
  database: Sqlite,
  { schemaMap, isStrange }: Pick<InspectTask, 'schemaMap' | 'isStrange'>,
): Pick<InspectResult, 'faults' | 'unchecked' | 'fingerprint' | 'meaning'> {
  const code = isStrange ? findForeignCode(database) : NO_FOREIGN_CODE
  return {
    ...findFaults(database, code),
    fingerprint: readFingerprint(database),
    meaning: askSchemaMap(database, schemaMap, code),
  }
}

function describe(found: FoundCipher | undefined): Pick<InspectResult, 'encryption' | 'key'> {
  return { encryption: encryptionOf(found?.cipher), ...(found && { key: found.key }) }
}

function requireWholeFile({ file, of }: InspectTask, cipher: PageCipher | undefined): void {
  const descriptor = openSync(file, 'r')
  try {
    const { size } = fstatSync(descriptor)
    const header = readDatabaseHeader(descriptor, cipher)
    if (header === undefined) {
      throw new TillsafeError('source.not-a-database', `${of} (${size} bytes) is not a SQLite database`)
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

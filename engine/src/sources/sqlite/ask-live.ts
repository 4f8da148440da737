import type { SchemaMap } from '../../model/index.ts'
import { askSchemaMap, type Meaning } from './ask-schema-map.ts'
import type { CipherKey } from './cipher-key.ts'
import { liveCipher } from './live-cipher.ts'
import { openLive } from './open-live.ts'

/** Ask the questions of the schema map of a live database in WAL mode, where reading holds nobody up. */
export interface AskLiveTask {
  readonly kind: 'ask-live'
  readonly database: string
  /** With them, even with none, the database has to be encrypted; without, it may not be. */
  readonly keys?: readonly CipherKey[]
  readonly schemaMap: SchemaMap
}

const BUSY_MS = 2000

export function askLive(task: AskLiveTask): Meaning {
  using connection = openLive(task.database, BUSY_MS, liveCipher(task.database, task.keys))
  connection.pragma('query_only = ON')
  connection.exec('BEGIN')
  return askSchemaMap(connection, task.schemaMap)
}

/**
 * The thread that has the connection to a held database: it pins the state, looks into it, and lets go when it is told. See
 * `database-holder.ts`. What the engine does can't be interrupted, so that somebody else gives the bytes meanwhile.
 */

import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import { parentPort, workerData } from 'node:worker_threads'
import { failureOf, TillsafeError } from '../../model/tillsafe-error.ts'
import { readDatabaseHeader } from './database-header.ts'
import type { HoldTask, Inspected, PinMessage } from './hold-task.ts'
import { inspectOpen } from './inspect.ts'
import { pinWal, type WalPin } from './pin-wal.ts'
import { readFingerprint } from './read-fingerprint.ts'
import { sqliteFailure } from './sqlite-failure.ts'

const { database, schemaMap } = workerData as HoldTask
const descriptor = openSync(database, 'r')
if (readDatabaseHeader(descriptor)?.walMode === true) {
  await pinAndLook()
} else {
  tell({ kind: 'refused' })
}
closeSync(descriptor)

async function pinAndLook(): Promise<void> {
  using pin = pinWal(database, descriptor)
  if (pin.layout === undefined) {
    tell({ kind: 'refused' })
    return
  }
  const released = once(parentPort as NonNullable<typeof parentPort>, 'message')
  tell({ kind: 'pinned', layout: pin.layout, fingerprint: readFingerprint(pin.connection) })
  tell(await lookInto(pin))
  await released
}

async function lookInto({ connection }: WalPin): Promise<Inspected> {
  try {
    const result = inspectOpen(connection, schemaMap)
    if (!connection.inTransaction) {
      // The engine gives up its transaction where the disk or the memory fails it.
      throw new TillsafeError('source.unreadable', `the state of ${database} was lost while it was looked into`)
    }
    return { kind: 'inspected', result }
  } catch (error) {
    return { kind: 'inspection-failed', failure: failureOf(await sqliteFailure(error, { database, onlyOurs: false })) }
  }
}

function tell(message: PinMessage): void {
  parentPort?.postMessage(message)
}

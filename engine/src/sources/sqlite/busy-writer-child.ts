/**
 * For tests: a till that moves money between accounts as fast as it can and checkpoints at random. Before each commit it
 * notes in a ledger what the accounts will be, so that a copy can be shown to be exactly one committed state.
 */
import { createHash } from 'node:crypto'
import { openSync, writeSync } from 'node:fs'
import { openSqlite } from '../../work/sqlite.ts'

const MODES = ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE']

const [, , file = '', ledgerFile = '', key] = process.argv
const ledger = openSync(ledgerFile, 'a')
const database = openSqlite(file, 'read-write', 5000, key === undefined ? undefined : { format: 4, key })
database.pragma('wal_autocheckpoint = 50')
const cents = database.prepare('SELECT cents FROM accounts ORDER BY id').pluck().all().map(Number)
const give = database.prepare('UPDATE accounts SET cents = cents + ? WHERE id = ?')
const note = database.prepare('INSERT INTO moves (note) VALUES (?)')
const tidy = database.prepare('DELETE FROM moves WHERE id < (SELECT max(id) FROM moves) - 500')
const move = database.transaction((from: number, to: number) => {
  give.run(-5, from + 1)
  give.run(5, to + 1)
  const { lastInsertRowid } = note.run('x'.repeat(chance(3000)))
  cents[from] = (cents[from] ?? 0) - 5
  cents[to] = (cents[to] ?? 0) + 5
  if (chance(50) === 0) {
    tidy.run()
  }
  noteState(lastInsertRowid)
})

noteState(database.prepare('SELECT max(id) FROM moves').pluck().get() as number | null)

process.on('disconnect', () => process.exit())
process.send?.('ready')
sell()

function sell(): void {
  for (let n = 0; n < 20; n += 1) {
    move.immediate(chance(cents.length), chance(cents.length))
  }
  if (chance(4) === 0) {
    database.pragma(`wal_checkpoint(${MODES[chance(MODES.length)]})`)
  }
  setImmediate(sell)
}

function noteState(move: number | bigint | null): void {
  writeSync(ledger, `${move} ${createHash('sha1').update(cents.join()).digest('hex')}\n`)
}

function chance(below: number): number {
  return Math.floor(Math.random() * below)
}

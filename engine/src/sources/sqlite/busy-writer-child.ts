/**
 * For tests: a till that moves money between accounts as fast as it can and checkpoints at random. Whatever state is
 * committed, the accounts sum up to the same.
 */
import { openSqlite } from '../../work/sqlite.ts'

const ACCOUNTS = 200
const MODES = ['PASSIVE', 'FULL', 'RESTART', 'TRUNCATE']

const [, , file = ''] = process.argv
const database = openSqlite(file, 'read-write', 5000)
database.pragma('wal_autocheckpoint = 50')
const give = database.prepare('UPDATE accounts SET cents = cents + ? WHERE id = ?')
const note = database.prepare('INSERT INTO moves (note) VALUES (?)')
const tidy = database.prepare('DELETE FROM moves WHERE id < (SELECT max(id) FROM moves) - 500')
const move = database.transaction((from: number, to: number) => {
  give.run(-5, from)
  give.run(5, to)
  note.run('x'.repeat(chance(3000)))
  if (chance(50) === 0) {
    tidy.run()
  }
})

process.on('disconnect', () => process.exit())
process.send?.('ready')
sell()

function sell(): void {
  for (let n = 0; n < 20; n += 1) {
    move.immediate(1 + chance(ACCOUNTS), 1 + chance(ACCOUNTS))
  }
  if (chance(4) === 0) {
    database.pragma(`wal_checkpoint(${MODES[chance(MODES.length)]})`)
  }
  setImmediate(sell)
}

function chance(below: number): number {
  return Math.floor(Math.random() * below)
}

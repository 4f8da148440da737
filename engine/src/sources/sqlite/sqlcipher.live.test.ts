import { type ChildProcess, spawn, spawnSync } from 'node:child_process'
import { once } from 'node:events'
import { copyFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { needs } from '../../../../tools/needs.ts'
import { takeSnapshot } from './take-snapshot.ts'

const KEY = `it's "é"`
const LIMITS = { milliseconds: 60_000, walGrowthBytes: 1e12 }

let folder: string
let file: string
let copy: string
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tillsafe-sqlcipher-'))
  file = join(folder, 'pos.db')
  copy = join(folder, 'copy.db')
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

/** The program of Debian is SQLCipher 3.4: it reads and writes format 3 only. */
describe.skipIf(needs('sqlcipher'))('a till that uses the library of SQLCipher', () => {
  test.each(['WAL', 'DELETE'])(
    'is copied in %s mode while it is open, and its own program opens the copy',
    async (mode) => {
      await using till = await Till.open(mode)
      await till.run(`INSERT INTO tickets VALUES (3); SELECT 'done';`)
      const { way, encryption } = await snapshot(file)
      expect([way, encryption]).toEqual([mode === 'WAL' ? 'wal' : 'steps', 'sqlcipher-3'])
      expect(ask(copy, 'SELECT sum(id) FROM tickets; PRAGMA integrity_check;')).toBe('6\nok\n')
    },
  )

  test('a WAL that it left in a crash is copied', async () => {
    await using till = await Till.open('WAL')
    await till.run(`INSERT INTO tickets VALUES (3); SELECT 'done';`)
    const crashed = join(folder, 'crashed.db')
    copyFileSync(file, crashed)
    copyFileSync(`${file}-wal`, `${crashed}-wal`)
    await snapshot(crashed)
    expect(ask(copy, 'SELECT sum(id) FROM tickets;')).toBe('6\n')
  })
})

function snapshot(database: string): ReturnType<typeof takeSnapshot> {
  const task = { kind: 'snapshot', database, target: copy, limits: LIMITS, keys: [{ key: KEY }] } as const
  return takeSnapshot(task, async () => undefined)
}

/** The program in interactive use: its connection stays open. */
class Till implements AsyncDisposable {
  readonly #program: ChildProcess

  private constructor(program: ChildProcess) {
    this.#program = program
  }

  static async open(mode: string): Promise<Till> {
    const till = new Till(spawn('sqlcipher', ['-batch', file], { stdio: ['pipe', 'pipe', 'inherit'] }))
    await till.run(`${UNLOCK} PRAGMA journal_mode = ${mode}; PRAGMA wal_autocheckpoint = 0;
      CREATE TABLE tickets (id INTEGER PRIMARY KEY); INSERT INTO tickets VALUES (1), (2); SELECT 'done';`)
    return till
  }

  /** Ends with SELECT 'done'. */
  async run(sql: string): Promise<void> {
    this.#program.stdin?.write(`${sql}\n`)
    for (let said = ''; !said.includes('done'); ) {
      const [bytes] = await once(this.#program.stdout as NodeJS.ReadableStream, 'data')
      said += bytes
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const ended = once(this.#program, 'exit')
    this.#program.kill('SIGKILL')
    await ended
  }
}

const UNLOCK = `PRAGMA key = '${KEY.replaceAll("'", "''")}';`

function ask(database: string, sql: string): string {
  const { stdout } = spawnSync('sqlcipher', ['-batch', database], { input: `${UNLOCK} ${sql}`, encoding: 'utf8' })
  return stdout
}

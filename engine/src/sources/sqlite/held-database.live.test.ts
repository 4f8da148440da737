import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { openSqlite } from '../../work/sqlite.ts'

/** The engine sorts in a file of its own when there is much; where that has no room, it gives up the transaction that holds the state. */
test.skipIf(process.platform === 'win32')(
  'a state that is lost while it is looked into is told, and never called sound',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'tillsafe-held-'))
    const database = join(folder, 'pos.db')
    using till = openSqlite(database, 'create')
    till.pragma('journal_mode = WAL')
    till.exec(`CREATE TABLE sales (id INTEGER PRIMARY KEY, note TEXT);
    WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < 60000)
    INSERT INTO sales SELECT i, hex(randomblob(400)) FROM n`)
    const schemaMap = {
      name: 'x',
      sections: [],
      counters: {},
      chainHeads: 'SELECT note FROM sales ORDER BY note DESC LIMIT 1 OFFSET 59000',
    }
    const task = { database, folder, schemaMap, limits: { milliseconds: 1e6, walGrowthBytes: 1e12 } }
    const script = join(folder, 'script.mjs')
    writeFileSync(
      script,
      `import { DatabaseHolder } from ${JSON.stringify(join(import.meta.dirname, 'database-holder.ts'))}
    const told = async ({ kind, failure }) => {
      console.log(kind, failure?.code ?? '')
      if (kind.startsWith('inspect')) process.exit()
    }
    await new DatabaseHolder(${JSON.stringify(task)}, told, () => process.exit(1)).hold()`,
    )
    try {
      const run = (limit: string) =>
        spawnSync('bash', ['-c', `${limit} exec "$0" "$1"`, process.execPath, script], { encoding: 'utf8' }).stdout
      expect(run('')).toContain('inspected')
      const limited = run('trap "" XFSZ; ulimit -f 2000;')
      expect(limited).toContain('inspection-failed source.unreadable')
      expect(limited).not.toContain('inspected')
    } finally {
      rmSync(folder, { recursive: true })
    }
  },
)

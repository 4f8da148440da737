import { execFileSync, spawnSync } from 'node:child_process'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { DatabaseSync } from 'node:sqlite'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { LocalDestination } from '../../destinations/local.ts'
import {
  syntheticBytes,
  syntheticFacts,
  syntheticHeading,
  syntheticShop,
  syntheticSnapshot,
} from '../../testing/synthetic-snapshot.ts'
import { testJob } from '../../testing/test-job.ts'
import { TemporaryFolder } from '../../work/temporary-folder.ts'
import { CopiesStore } from './copies-store.ts'

const PAGE = new URL('../../../../docs/format/copies.md', import.meta.url)
const images = {
  'images/drinks/tea.JPG': syntheticBytes(90, 'tea'),
  'images/drinks/tea.png': syntheticBytes(90, 'tea'),
  'images/ Crème brûlée (2).webp': syntheticBytes(5000, 'crème'),
  'images/none': syntheticBytes(0, 'none'),
}

describe('the page docs/format/copies.md', () => {
  let folder: TemporaryFolder
  let database: Buffer
  let key: string
  beforeEach(async () => {
    folder = await TemporaryFolder.make(tmpdir(), 'tillsafe-by-hand-')
    database = await someDatabase(folder.join('live.db'))
    await mkdir(folder.join('place'))
    const { signer, ...shop } = syntheticShop('Café « Été »')
    const destination = new LocalDestination({ path: folder.join('place'), owner: shop.id })
    const store = new CopiesStore({ destination, workspace: 'main', shop, signer, timeZone: 'Europe/Brussels' })
    const facts = { ...syntheticFacts(database), problems: ['a "quoted": word, a \\ and a tab\t', '"x": 1', ''] }
    const snapshot = syntheticSnapshot(
      syntheticHeading({ ...shop, signer }, 1),
      { database, images },
      { facts: async () => facts },
    )
    key = (await store.save(snapshot, testJob())).key
  })
  afterEach(async () => await folder[Symbol.asyncDispose]())

  async function follow(): Promise<{ status: number | null; output: string }> {
    const [, ...blocks] = (await readFile(PAGE, 'utf8')).matchAll(/^```sh\n(.*?)^```$/gms)
    const script = blocks
      .map((block) => block[1])
      .join('\n')
      .replaceAll('/tmp/', `${folder.path}/`)
    const { status, stdout, stderr } = spawnSync('bash', ['-euo', 'pipefail', '-c', script], {
      cwd: folder.join('place/main'),
      env: { PATH: process.env['PATH'], LC_ALL: 'C.UTF-8', backup: key.slice('main/'.length) },
      encoding: 'utf8',
    })
    return { status, output: stdout + stderr }
  }

  test('brings database and images back with sqlite3, sha256sum and openssl only', async () => {
    const { status, output } = await follow()
    expect(output).toContain('Signature Verified Successfully')
    expect(output).toContain('\nok\n')
    expect(status).toBe(0)
    const restored = folder.join('place/main/restored')
    expect(await readFile(`${restored}/till.db`)).toEqual(database)
    for (const [path, bytes] of Object.entries(images)) {
      expect(await readFile(`${restored}/${path}`)).toEqual(bytes)
    }
    expect(
      execFileSync('find', ['.', '-type', 'f'], { cwd: `${restored}/images`, encoding: 'utf8' })
        .trim()
        .split('\n'),
    ).toHaveLength(4)
  })

  test('shows a label that was changed', async () => {
    const path = folder.join(`place/${key}.json`)
    await writeFile(path, (await readFile(path, 'utf8')).replace('"sequence": 1', '"sequence": 2'))
    expect((await follow()).output).toContain('Signature Verification Failure')
  })
})

async function someDatabase(path: string): Promise<Buffer> {
  const database = new DatabaseSync(path)
  database.exec(
    "CREATE TABLE ticket (id INTEGER PRIMARY KEY, label TEXT); INSERT INTO ticket (label) VALUES ('été'), ('x')",
  )
  database.close()
  return await readFile(path)
}

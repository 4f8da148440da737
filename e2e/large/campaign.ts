/**
 * `npx node e2e/large/campaign.ts [--gigabytes 1.2] [--images 0] [--store copies|archive] [--program app/src/main.ts]`: a
 * database beyond SQLite's lock page, and a folder full of images, through the command `tillsafe`: backed up, verified,
 * restored into a new folder, compared byte by byte; exported as an archive, and that analyzed. What the shop runs is built:
 * where it is, `--program app/dist/main.js`; the sources take some 25 MB more, for what strips their types.
 */
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { text } from 'node:stream/consumers'
import { parseArgs } from 'node:util'
import { watchMemory } from '../../bench/watch-memory.ts'
import { hashOf, hashOfImages, hasLockPage, makeLargeShop } from './large-shop.ts'

const { values } = parseArgs({
  options: {
    gigabytes: { type: 'string', default: '1.2' },
    images: { type: 'string', default: '0' },
    store: { type: 'string', default: 'copies' },
    program: { type: 'string', default: join(import.meta.dirname, '..', '..', 'app', 'src', 'main.ts') },
  },
})

const MOST_MEMORY_BYTES = 200e6

const folder = mkdtempSync(join(tmpdir(), 'tillsafe-large-'))
try {
  const shop = await makeLargeShop(folder, Number(values.gigabytes) * 1e9, Number(values.images))
  const before = { database: await hashOf(shop.database), images: hashOfImages(shop.images) }
  const bytes = statSync(shop.database).size
  console.log(
    `${bytes} bytes${hasLockPage(shop.database) ? ', through the lock page' : ''}, ${before.images.count} images`,
  )

  await tillsafe('destination', 'add', 'large', '--path', join(folder, 'large'), '--store', String(values.store))
  await tillsafe('destination', 'remove', 'local')
  const into = join(folder, 'into')
  const { backup } = (await tillsafe('backup')) as { backup: { id: string } }
  await tillsafe('verify', backup.id)
  await tillsafe('restore', backup.id, '--into', into)
  const images = Number(values.images) === 0 ? before.images : hashOfImages(join(into, 'images'))
  const isSame = (await hashOf(join(into, 'database.db'))) === before.database && images.hash === before.images.hash
  console.log(isSame ? 'identical' : 'DIFFERENT')
  rmSync(into, { recursive: true })
  const file = join(folder, 'export.zip')
  await tillsafe('export', 'archive', '--output', file)
  await tillsafe('analyze', file)
  process.exitCode = isSame ? process.exitCode : 1

  /** Runs a command, with its time and its memory told. Its JSON. */
  async function tillsafe(command: string, ...args: readonly string[]): Promise<unknown> {
    const began = performance.now()
    const child = spawn(
      process.execPath,
      [values.program, command, ...args, '--home', shop.home, '--json', '--quiet'],
      {
        stdio: ['ignore', 'pipe', 'inherit'],
      },
    )
    const memory = watchMemory(child.pid ?? 0)
    const closed = once(child, 'close')
    const said = await text(child.stdout)
    const [code] = await closed
    const peak = memory.stop()
    const seconds = (performance.now() - began) / 1000
    console.log(`${command}: ${seconds.toFixed(1)} s, peak memory of all processes ${(peak / 1e6).toFixed(0)} MB`)
    if (code !== 0 || peak > MOST_MEMORY_BYTES) {
      process.exitCode = 1
    }
    return JSON.parse(said)
  }
} finally {
  rmSync(folder, { recursive: true, force: true })
}

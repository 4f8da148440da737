/**
 * `node e2e/archives/zip64.ts [--megabytes N]`: writes a ZIP whose entries, whose offsets and whose directory do not fit
 * 32 bits, reads it back, and lets the programs of others that are there check it.
 */
import { spawnSync } from 'node:child_process'
import { createWriteStream, mkdtempSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { parseArgs } from 'node:util'
import { writeZip, type ZipSource } from '../../engine/src/stores/archive/zip/write-zip.ts'
import { judgeZips } from './judge-zips.ts'

const { values } = parseArgs({ options: { megabytes: { type: 'string', default: '4200' } } })
const bytes = Number(values.megabytes) * 1024 * 1024
const folder = mkdtempSync(join(tmpdir(), 'tillsafe-zip64-'))
const zip = join(folder, 'large.zip')

const peers = [
  ['unzip', '-tq', zip],
  ['python3', '-m', 'zipfile', '-t', zip],
  ['7z', 't', '-bso0', zip],
] as const

try {
  await timed('write', () => pipeline(writeZip(sources()), createWriteStream(zip)))
  console.log(`${statSync(zip).size} bytes, memory ${Math.round(process.resourceUsage().maxRSS / 1024)} MiB`)
  const [verdict] = await timed('read behind walls', () => judgeZips([zip], 600_000))
  console.log(verdict)
  process.exitCode = verdict?.verdict === 'read' ? 0 : 1
  for (const [program, ...args] of peers) {
    await timed(program, async () => tell(spawnSync(program, args, { encoding: 'utf8' })))
  }
} finally {
  rmSync(folder, { recursive: true })
}

async function* sources(): AsyncIterable<ZipSource> {
  yield { path: 'deflated', bytes, level: 1, open: async () => zeros() }
  yield { path: 'of unknown length', level: 1, open: async () => zeros() }
  yield { path: 'stored', bytes, level: 0, open: async () => zeros() }
  yield { path: 'behind it', bytes: 5, level: 0, open: async () => small() }
  yield { path: 'behind it too', level: 1, open: async () => small() }
}

async function* zeros(): AsyncIterable<Uint8Array> {
  const chunk = Buffer.alloc(1024 * 1024)
  for (let done = 0; done < bytes; done += chunk.byteLength) {
    yield chunk
  }
}

async function* small(): AsyncIterable<Uint8Array> {
  yield Buffer.from('small')
}

async function timed<T>(what: string, work: () => Promise<T>): Promise<T> {
  const begun = performance.now()
  const result = await work()
  console.log(`${what}: ${Math.round((performance.now() - begun) / 1000)} s`)
  return result
}

function tell({ error, status, stdout, stderr }: ReturnType<typeof spawnSync>): void {
  console.log(error === undefined ? `  ${status} ${stdout}${stderr}`.trimEnd() : '  not there')
  process.exitCode ||= error === undefined && status !== 0 ? 1 : 0
}

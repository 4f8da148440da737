import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { platform } from 'node:process'

/** Public databases that we did not make, out of npm packages: downloaded once, never installed, nothing of them runs. */
const samples = {
  /** A dictionary: one table of 150,000 words, 29 MB. */
  dictionary: {
    package: 'wordnet-sqlite@1.0.3',
    file: 'package/wordnet.dict',
    sha256: 'ec7eb36e001b0c461f6fc8a3d85d723cc0d8d0348f7e1275cd453ef60bc4e0be',
  },
  /** A map of countries: geometry, triggers, an R*Tree. */
  countries: {
    package: 'millstone@0.6.0',
    file: 'package/test/cache/layers/countries.sqlite',
    sha256: '027abf52b48a47693203c060764583d626fe6eb56012c3a781ff4db57cb3bf15',
  },
  /** The test data of another driver, with pages of 1024 bytes. */
  prepared: {
    package: 'sqlite3@2.1.19',
    file: 'package/test/support/prepare.db',
    sha256: 'a3497ebf5708c355e041a97d88bec3d70b455338c8681dee58fa6b4064d38e79',
  },
} as const

export type SampleName = keyof typeof samples
export const sampleNames: readonly SampleName[] = Object.keys(samples) as SampleName[]

const CACHE = join(import.meta.dirname, '..', 'node_modules', '.cache', 'tillsafe-samples')

/** The file of a sample; undefined when it could not be downloaded. Copy it before you open it. */
export function sampleDatabase(name: SampleName): string | undefined {
  const kept = join(CACHE, `${name}.db`)
  if (!existsSync(kept)) {
    download(name, kept)
  }
  return existsSync(kept) ? kept : undefined
}

function download(name: SampleName, kept: string): void {
  const sample = samples[name]
  mkdirSync(CACHE, { recursive: true })
  const folder = mkdtempSync(join(CACHE, 'download-'))
  try {
    const packed = spawnSync(
      'npm',
      ['pack', '--silent', '--ignore-scripts', '--pack-destination', folder, sample.package],
      {
        encoding: 'utf8',
        shell: platform === 'win32',
      },
    )
    const archive = packed.stdout?.trim().split('\n').at(-1)
    if (packed.status !== 0 || !archive) {
      return
    }
    spawnSync('tar', ['xzf', archive, sample.file], { cwd: folder })
    const file = join(folder, sample.file)
    if (existsSync(file) && createHash('sha256').update(readFileSync(file)).digest('hex') === sample.sha256) {
      mkdirSync(dirname(kept), { recursive: true })
      renameSync(file, kept)
    }
  } finally {
    rmSync(folder, { recursive: true })
  }
}

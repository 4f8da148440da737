import { once } from 'node:events'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { MemoryDestination } from '../../engine/src/destinations/memory.ts'
import { type Clock, failureOf } from '../../engine/src/model/index.ts'
import { VaultCare } from '../../engine/src/stores/vault/care/vault-care.ts'
import { testJob } from '../../engine/src/testing/test-job.ts'
import { type ResticRepository, startRestic } from '../../tools/stock-restic.ts'
import { type MadeVault, PASSWORD, ROOT } from './made-vault.ts'
import { optionsOf } from './make-vaults.ts'
import type { Mutant } from './vault-mutations.ts'

/** What our check of every byte finds in a vault, and what stock restic does. */
export interface Checks {
  readonly ours: 'sound' | 'damaged' | 'locked'
  /** `hung` when it did not end in time: it tries again and again to read what is too short. */
  readonly restic: 'sound' | 'damaged' | 'hung'
  /** What ours has said, and what restic has. */
  readonly said: readonly [string, string]
}

/** Lets both programs check a vault. restic is asked to mind no locks. */
export async function compareChecks(made: MadeVault, mutant: Mutant, scratch: string, clock: Clock): Promise<Checks> {
  const [ours, said] = await checkByUs(made, mutant, clock)
  const folder = join(scratch, 'vault')
  rmSync(folder, { recursive: true, force: true })
  for (const [key, bytes] of mutant.objects) {
    mkdirSync(dirname(join(folder, key)), { recursive: true })
    writeFileSync(join(folder, key), bytes)
  }
  const repository = { folder: join(folder, ROOT), password: PASSWORD }
  const [restic, saidByRestic] = await checkByRestic(repository)
  return { ours, restic, said: [said, saidByRestic] }
}

/** Sizes first: of a pack that is too short, 0.14 tries to read all for a quarter of an hour. */
async function checkByRestic(repository: ResticRepository): Promise<[Checks['restic'], string]> {
  const structure = await runCheck(repository, ['--no-lock', 'check'])
  return structure[0] === 'sound' ? await runCheck(repository, ['--no-lock', 'check', '--read-data']) : structure
}

async function runCheck(repository: ResticRepository, args: readonly string[]): Promise<[Checks['restic'], string]> {
  const child = startRestic(repository, args)
  const timer = setTimeout(() => child.kill('SIGKILL'), HANGS_AFTER_MS)
  const said: Buffer[] = []
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (bytes: Buffer) => said.push(bytes))
  }
  child.stdin?.end()
  const [exitCode] = (await once(child, 'close')) as [number | null]
  clearTimeout(timer)
  return [exitCode === null ? 'hung' : exitCode === 0 ? 'sound' : 'damaged', Buffer.concat(said).toString()]
}

const HANGS_AFTER_MS = 8000

async function checkByUs(made: MadeVault, mutant: Mutant, clock: Clock): Promise<[Checks['ours'], string]> {
  const destination = new MemoryDestination()
  for (const [key, bytes] of mutant.objects) {
    destination.objects.set(key, bytes)
  }
  try {
    const care = new VaultCare(optionsOf(made.shop, destination, '/nowhere'))
    const { problems } = await care.check('everything', testJob({ clock }))
    const said = problems.map(({ file, problem }) => `${file}: ${problem}`).join('\n')
    return [problems.length === 0 ? 'sound' : 'damaged', said]
  } catch (error) {
    const { code, message } = failureOf(error)
    if (code === 'internal') {
      throw error
    }
    return [code === 'vault.locked' ? 'locked' : 'damaged', `${code}: ${message}`]
  }
}

import { TillsafeError } from '../../../../model/index.ts'
import type { JobContext } from '../../../../work/job-context.ts'
import type { VaultWorkers } from '../../pool/vault-workers.ts'
import type { BlobIndex } from '../../repository/blob-index.ts'
import type { Repository } from '../../repository/repository.ts'
import type { VaultPlace } from '../../vault-place.ts'
import { listPacks } from '../list-packs.ts'
import { type ListedSnapshot, listSnapshots } from '../list-snapshots.ts'
import { type IndexFile, loadIndexFiles } from '../load-index-files.ts'
import { mayBeOurs, nameSnapshots } from '../name-snapshots.ts'
import { PackContents } from '../pack-contents.ts'
import { checkKeys } from './check-keys.ts'
import { checkPacks } from './check-packs.ts'
import { checkTrees, type TreeProblems } from './check-trees.ts'
import { Findings } from './findings.ts'
import type { VaultProblem, VaultReading, VaultReport } from './vault-report.ts'

/**
 * Checks a vault: every file that any of its snapshots needs, also those of other programs. Beside backups that are being
 * written: snapshots are listed before indexes, and indexes before packs, the other way round than they come to be.
 */
export async function checkVault(
  place: VaultPlace,
  repository: Repository,
  workers: VaultWorkers,
  reading: VaultReading,
  job: JobContext,
): Promise<VaultReport> {
  const findings = new Findings()
  const { files } = repository
  await checkKeys(place, repository, findings)
  const snapshots = await listSnapshots(repository)
  const { index, files: indexFiles } = await loadIndexFiles(repository, job.signal, (name, error) => {
    findings.add(files.keyOf('index', name), error.message)
  })
  const listed = await listPacks(repository)
  note(findings, index, indexFiles, listed)
  const contents = new PackContents(index)
  const read = await checkPacks(repository, workers, index, contents, listed, reading, findings, job)
  const trees = await checkTrees(repository, index, rootsOf(snapshots), findings, job.signal)
  await blame(place, repository, index, snapshots, trees, findings)
  const { problems, notes } = judged(findings, trees, snapshots)
  return {
    problems,
    notes,
    snapshots: snapshots.length,
    packs: index.packs.length,
    blobs: index.ids('data').size + index.ids('tree').size,
    bytes: [...listed.values()].reduce((sum, bytes) => sum + bytes, 0),
    ...read,
  }
}

function note(
  findings: Findings,
  index: BlobIndex,
  indexFiles: readonly IndexFile[],
  listed: ReadonlyMap<string, number>,
): void {
  const unnamed = [...listed.keys()].filter((pack) => !index.hasPack(pack))
  if (unnamed.length > 0) {
    findings.notes.push(
      `${unnamed.length} packs are in no index (${unnamed[0]}…): an interrupted backup leaves such, the next one uses them`,
    )
  }
  const named = indexFiles.reduce((sum, { packs }) => sum + packs.length, 0)
  if (named > index.packs.length) {
    findings.notes.push(`${named - index.packs.length} packs are in more than one index: \`prune\` puts that in order`)
  }
}

/** The trees of the snapshots that can be read. */
function rootsOf(snapshots: readonly ListedSnapshot[]): readonly Buffer[] {
  return snapshots.flatMap(({ read }) => (read instanceof TillsafeError ? [] : [Buffer.from(read.tree, 'hex')]))
}

/** Tells which backups each problem hurts. */
async function blame(
  place: VaultPlace,
  repository: Repository,
  index: BlobIndex,
  snapshots: readonly ListedSnapshot[],
  { graph, ofTree }: TreeProblems,
  findings: Findings,
): Promise<void> {
  const unreadable = snapshots.filter(({ read }) => read instanceof TillsafeError)
  if (findings.count + unreadable.length === 0) {
    return
  }
  const names = await nameSnapshots(place, repository, index, snapshots)
  const hurt = (problem: number, name: string): void => {
    const backup = names.get(name)
    if (backup !== undefined) {
      findings.hurt(problem, backup)
    }
  }
  for (const { name, read } of snapshots) {
    if (read instanceof TillsafeError) {
      hurt(findings.add(repository.files.keyOf('snapshots', name), read.message), name)
      continue
    }
    const root = graph.numberOf(Buffer.from(read.tree, 'hex'))
    for (const tree of root === undefined ? [] : graph.below(root)) {
      ofTree.get(tree)?.forEach((problem) => {
        hurt(problem, name)
      })
    }
  }
}

/** A size that only another program has written wrong is a note: restic has done so, and gives the file back all the same. */
function judged(
  findings: Findings,
  { sizes }: TreeProblems,
  snapshots: readonly ListedSnapshot[],
): { problems: readonly VaultProblem[]; notes: readonly string[] } {
  const ours = new Set(snapshots.filter(mayBeOurs).map(({ name }) => name))
  const isNote = ({ hurts }: VaultProblem, number: number): boolean =>
    sizes.has(number) && hurts.every(({ snapshot }) => !ours.has(snapshot))
  const all = findings.problems
  return {
    problems: all.filter((problem, number) => !isNote(problem, number)),
    notes: [...findings.notes, ...all.filter(isNote).map(({ problem }) => problem)],
  }
}

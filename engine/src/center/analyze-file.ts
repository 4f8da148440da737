import { tmpdir } from 'node:os'
import type { Label, SectionCount } from '../model/index.ts'
import type { Unlock } from '../work/age/unseal.ts'
import type { JobContext } from '../work/job-context.ts'
import { TemporaryFolder } from '../work/temporary-folder.ts'
import type { Brought, BroughtPart } from './brought/brought.ts'
import { LOOK_PREFIX, openBrought } from './brought/open-brought.ts'
import { lookingFor } from './looking-for.ts'
import type { Shop } from './shop.ts'

/** What one database of a file turned out to be. */
export interface AnalyzedPart {
  readonly workspace?: Label['workspace']
  readonly takenAt?: string
  readonly sections: readonly SectionCount[]
  readonly tables: readonly { readonly name: string; readonly rows: number | null }[]
  readonly counters: Readonly<Record<string, number>>
  readonly fiscalPeriod?: { readonly from: string; readonly to: string }
  readonly applicationVersion?: string
  readonly encryption: Label['database']['encryption']
  readonly images: number
  readonly problems: readonly string[]
  readonly label?: Label
}

/** What a file turned out to be. Nothing was written anywhere but in a temporary folder. */
export interface Analysis {
  readonly kind: Brought['kind']
  readonly identity: Brought['identity']['kind']
  readonly shop?: string
  /** Whether it is encrypted with age around all it holds. */
  readonly sealed: boolean
  readonly bytes: number
  readonly sha256: string
  /** Of a whole shop, the newest. */
  readonly takenAt?: string
  /** Of a whole shop, the sums over its workspaces. */
  readonly sections: readonly SectionCount[]
  readonly workspaces: readonly AnalyzedPart[]
  readonly problems: readonly string[]
}

/** Looks into a file before anything is done with it. `shop` tells own from foreign, and knows the schema. */
export async function analyzeFile(
  file: string,
  shop: Shop | undefined,
  job: JobContext,
  key?: Unlock,
): Promise<Analysis> {
  // Not in the home folder: looking needs no lock, and whoever has the lock empties the scratch folder there.
  await TemporaryFolder.sweep(tmpdir(), LOOK_PREFIX, job.clock.now())
  const looking = await lookingFor(shop, { scratch: tmpdir(), key, purpose: 'look' })
  await using brought = await openBrought(file, looking, job)
  const { kind, identity, sealed, bytes, sha256, parts } = brought
  const workspaces = parts.map(analyzed)
  const name =
    identity.kind === 'own' ? parts[0]?.label?.shop.name : identity.kind === 'foreign' ? identity.shop : undefined
  const takenAt = workspaces
    .flatMap((part) => part.takenAt ?? [])
    .sort()
    .at(-1)
  return {
    kind,
    identity: identity.kind,
    ...(name === undefined ? {} : { shop: name }),
    sealed,
    bytes,
    sha256,
    ...(takenAt === undefined ? {} : { takenAt }),
    sections: sumOf(workspaces),
    workspaces,
    problems: workspaces.flatMap(({ workspace, problems }) =>
      parts.length === 1 ? problems : problems.map((problem) => `${workspace?.id}: ${problem}`),
    ),
  }
}

function analyzed({ label, facts, images, problems }: BroughtPart): AnalyzedPart {
  const { sections, counters, fiscalPeriod, applicationVersion, database } = facts
  return {
    ...(label && { workspace: label.workspace, takenAt: label.takenAt, label }),
    sections,
    tables: database.fingerprint.tables,
    counters,
    ...(fiscalPeriod && { fiscalPeriod }),
    ...(applicationVersion === undefined ? {} : { applicationVersion }),
    encryption: database.encryption,
    images: images?.count ?? 0,
    problems,
  }
}

function sumOf(parts: readonly AnalyzedPart[]): SectionCount[] {
  const rows = new Map<string, number>()
  for (const section of parts.flatMap((part) => part.sections)) {
    rows.set(section.name, (rows.get(section.name) ?? 0) + section.rows)
  }
  return [...rows].map(([name, count]) => ({ name, rows: count }))
}

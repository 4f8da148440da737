import type { Label, SectionCount } from '../model/index.ts'
import { readSchemaMap } from '../schema/read-schema-map.ts'
import type { JobContext } from '../work/job-context.ts'
import { DatabaseFile } from './database-file.ts'
import type { Shop } from './shop.ts'

/** What a file turned out to be. Nothing was written anywhere but in a temporary folder. */
export interface Analysis {
  /** `database-copy` has a label that somebody signed; `database` is a bare file. */
  readonly kind: 'database-copy' | 'database'
  readonly identity: 'own' | 'foreign' | 'unknown'
  readonly shop?: string
  readonly takenAt?: string
  readonly bytes: number
  readonly sha256: string
  readonly sections: readonly SectionCount[]
  readonly tables: readonly { readonly name: string; readonly rows: number | null }[]
  readonly counters: Readonly<Record<string, number>>
  readonly problems: readonly string[]
  readonly label?: Label
}

/** Looks into a database file before anything is done with it. `shop` tells own from foreign, and knows the schema. */
export async function analyzeFile(file: string, shop: Shop | undefined, job: JobContext): Promise<Analysis> {
  const mapName = shop?.settings.workspaces[0]?.schemaMap
  const schemaMap = mapName === undefined ? undefined : await readSchemaMap(mapName)
  await using opened = await DatabaseFile.open(file, shop?.signer.publicKey ?? '', schemaMap, job)
  const { identity, inspected, bytes, sha256, problems } = opened
  const facts = opened.facts()
  return {
    kind: identity.kind === 'unknown' ? 'database' : 'database-copy',
    identity: identity.kind,
    ...(identity.kind === 'own' && {
      shop: identity.label.shop.name,
      takenAt: identity.label.takenAt,
      label: identity.label,
    }),
    ...(identity.kind === 'foreign' && { shop: identity.shop }),
    bytes,
    sha256,
    sections: facts.sections,
    tables: inspected.fingerprint.tables,
    counters: facts.counters,
    problems,
  }
}

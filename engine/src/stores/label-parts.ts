import type { Facts, Heading, Label } from '../model/index.ts'

/** What a label knew from the moment the snapshot was taken. */
export function headingOf(label: Label): Heading {
  const { id, sequence, shop, workspace, takenAt, trigger, origin, tiers, tillsafeVersion } = label
  return { id, sequence, shop, workspace, takenAt, trigger, origin, tiers, tillsafeVersion }
}

/** What a label knows since the copy was checked. */
export function factsOf(label: Label): Facts {
  const { database, applicationVersion, schemaMap, sections, counters, fiscalPeriod, chainHeads, problems } = label
  return {
    database,
    ...(applicationVersion === undefined ? {} : { applicationVersion }),
    ...(schemaMap === undefined ? {} : { schemaMap }),
    sections,
    counters,
    ...(fiscalPeriod === undefined ? {} : { fiscalPeriod }),
    chainHeads,
    problems,
  }
}

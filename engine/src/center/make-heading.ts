import { type Heading, originOf, randomId, type Tier, type Trigger, type WorkspaceSettings } from '../model/index.ts'
import type { Desk } from './desk.ts'

/** What makes one backup another than the next. */
export interface Occasion {
  readonly trigger: Trigger
  readonly tiers: readonly Tier[]
  readonly sequence: number
}

/** A copy that a person asked for and that stands outside the shop's numbered backups. */
export const ASIDE: Occasion = { trigger: 'manual', tiers: ['manual'], sequence: 1 }

/** The heading of a snapshot that is about to be taken. */
export function makeHeading(workspace: WorkspaceSettings, desk: Desk, occasion: Occasion): Omit<Heading, 'takenAt'> {
  return {
    id: randomId(desk.shop.random),
    sequence: occasion.sequence,
    shop: desk.shop.mark,
    workspace: { id: workspace.id, name: workspace.name, kind: workspace.kind },
    trigger: occasion.trigger,
    origin: originOf(occasion.trigger),
    tiers: [...occasion.tiers],
    tillsafeVersion: desk.version,
  }
}

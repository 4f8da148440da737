import { hash } from 'node:crypto'
import type { VaultReading } from './vault-report.ts'

/** A pack that can be read. */
export interface ReadablePack {
  readonly id: string
  readonly bytes: number
}

/** The packs that a check reads. A share has at least that part of the bytes: the last pack is read whole. */
export function choosePacks<P extends ReadablePack>(packs: readonly P[], reading: VaultReading): readonly P[] {
  if (reading === 'structure') {
    return []
  }
  if (reading === 'everything') {
    return packs
  }
  if ('of' in reading) {
    return packs.filter(({ id }) => Number.parseInt(id.slice(0, 8), 16) % reading.of === reading.part - 1)
  }
  const wanted = (packs.reduce((sum, { bytes }) => sum + bytes, 0) * reading.percent) / 100
  const drawn = packs
    .map((pack) => ({ pack, lot: hash('sha256', `${reading.seed} ${pack.id}`) }))
    .sort((a, b) => (a.lot < b.lot ? -1 : 1))
  let bytes = 0
  return drawn
    .filter(({ pack }) => {
      const isWanted = bytes < wanted
      bytes += pack.bytes
      return isWanted
    })
    .map(({ pack }) => pack)
}

import type { KillPoint } from './kill-point.ts'

/** So many of the points, the same for the same seed: every kind of call of every victim has its turn. */
export function choosePoints(points: readonly KillPoint[], count: number, seed: number): KillPoint[] {
  const random = seeded(seed)
  const shuffled = points.map((point) => ({ point, order: random() })).sort((a, b) => a.order - b.order)
  const groups = Map.groupBy(shuffled, ({ point }) => `${point.victim} ${point.call}`)
  const turns = [...groups.values()].flatMap((group) => group.map(({ point, order }, turn) => ({ point, order, turn })))
  return turns
    .sort((a, b) => a.turn - b.turn || a.order - b.order)
    .slice(0, count)
    .map(({ point }) => point)
}

/** Numbers between 0 and 1 (mulberry32). */
function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

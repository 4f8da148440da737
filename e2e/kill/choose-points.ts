/** So many of the points, the same for the same seed: every kind of point has its turn. */
export function choosePoints<P>(points: readonly P[], count: number, seed: number, kindOf: (point: P) => string): P[] {
  const random = seeded(seed)
  const shuffled = points.map((point) => ({ point, order: random() })).sort((a, b) => a.order - b.order)
  const groups = Map.groupBy(shuffled, ({ point }) => kindOf(point))
  const turns = [...groups.values()].flatMap((group) => group.map(({ point, order }, turn) => ({ point, order, turn })))
  return turns
    .sort((a, b) => a.turn - b.turn || a.order - b.order)
    .slice(0, count)
    .map(({ point }) => point)
}

/** Numbers between 0 and 1 (mulberry32). */
export function seeded(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

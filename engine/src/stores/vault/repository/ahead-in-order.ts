/** So many small files are read at once: each is a few calls to the disk, and much waiting. */
export const FILES_AHEAD = 6

/**
 * What work gives for each of many, in their order; a few are under way before they are asked for. The first failure is
 * thrown in its turn, once what is under way has ended.
 */
export async function* aheadInOrder<T, R>(
  items: AsyncIterable<T> | Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<R>,
): AsyncIterable<R> {
  const underWay: Promise<R>[] = []
  try {
    for await (const item of items) {
      const working = work(item)
      working.catch(() => undefined) // heard of in its turn
      underWay.push(working)
      if (underWay.length >= atOnce) {
        yield* firstOf(underWay)
      }
    }
    while (underWay.length > 0) {
      yield* firstOf(underWay)
    }
  } finally {
    await Promise.allSettled(underWay)
  }
}

async function* firstOf<R>(underWay: Promise<R>[]): AsyncIterable<R> {
  const first = underWay.shift()
  if (first !== undefined) {
    yield await first
  }
}

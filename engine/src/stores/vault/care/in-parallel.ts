/** Does work for each of many, a few at a time. The first failure is thrown once what is under way has ended. */
export async function inParallel<T>(
  items: Iterable<T>,
  atOnce: number,
  work: (item: T) => Promise<void>,
): Promise<void> {
  const underWay = new Set<Promise<void>>()
  const failures: unknown[] = []
  for (const item of items) {
    const working = work(item)
      .catch((error: unknown) => void failures.push(error))
      .finally(() => underWay.delete(working))
    underWay.add(working)
    if (underWay.size >= atOnce) {
      await Promise.race(underWay)
    }
    if (failures.length > 0) {
      break
    }
  }
  await Promise.all(underWay)
  if (failures.length > 0) {
    throw failures[0]
  }
}

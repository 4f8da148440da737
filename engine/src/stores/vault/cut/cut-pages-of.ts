/** Turns the numbers of a database's pages, from 1, into pages of the cut, from 0. Those behind the end are left out. */
export function* cutPagesOf(
  numbers: Iterable<number>,
  pageSize: number,
  { pageBytes, pages }: { readonly pageBytes: number; readonly pages: number },
): Generator<number> {
  for (const number of numbers) {
    const page = Math.floor(((number - 1) * pageSize) / pageBytes)
    if (page >= 0 && page < pages) {
      yield page
    }
  }
}

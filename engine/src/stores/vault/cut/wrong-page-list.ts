/** The list of changed pages left one out that has changed: what was cut so far is worth nothing. Cut again without the list. */
export class WrongPageList extends Error {
  override readonly name = 'WrongPageList'

  /** `page` counts from 0. */
  constructor(page: number) {
    super(`page ${page} has changed and is not in the list of changed pages`)
  }
}

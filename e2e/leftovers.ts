import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { filesBelow, type SmallShop } from './small-shop.ts'

/** The files that interrupted work may leave in a shop, and that a start removes. What a finished restore keeps is one. */
export function leftoversIn(shop: SmallShop): string[] {
  return [
    ...filesBelow(shop.folder).filter((file) =>
      /\.draft$|\.reserved$|\.saving$|^home\/scratch\/|\/\.tillsafe-restore-/.test(file),
    ),
    ...unfinishedRestoresIn(shop),
  ]
}

/** The journal's entries of restores that are neither finished nor taken back. */
export function unfinishedRestoresIn(shop: SmallShop): string[] {
  const journal = join(shop.home, 'restores')
  return filesBelow(journal).filter(
    (file) => file.endsWith('.json') && JSON.parse(readFileSync(join(journal, file), 'utf8')).state !== 'done',
  )
}

import { readdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ShopContent } from './shop-content.ts'
import type { ShopRig } from './shop-rig.ts'
import { filesBelow, type SmallShop } from './small-shop.ts'

/** A vault in which something is to be done: the name of a start. */
export type VaultStart = keyof typeof makers

/** What a shop's vault has seen, a backup a day: the oldest first. */
interface VaultDays {
  readonly shop: SmallShop
  readonly vault: string
  readonly backups: Day[]
}

interface Day {
  readonly id: string
  readonly content: ShopContent
  /** The name of its snapshot file. */
  readonly snapshot: string
  /** The files that it has added. */
  readonly files: readonly string[]
}

/** Each makes of a vault with the backups of four days one that needs care, and leaves out of the days what it has lost. */
const makers = {
  /** Two of the days are forgotten: what they alone needed is waste. */
  'forgotten-days': ({ vault, backups }) => {
    for (const [day] of [backups.splice(2, 1), backups.splice(0, 1)]) {
      rmSync(join(vault, 'snapshots', day?.snapshot ?? ''))
    }
  },
  /** The last backup was interrupted before it wrote an index: its packs lie there. The first day is forgotten. */
  'left-packs': ({ vault, backups }) => {
    for (const file of backups.pop()?.files.filter((name) => /^(?:index|snapshots)\//.test(name)) ?? []) {
      rmSync(join(vault, file))
    }
    rmSync(join(vault, 'snapshots', backups.shift()?.snapshot ?? ''))
  },
  'no-index': ({ vault }) => {
    for (const file of readdirSync(join(vault, 'index'))) {
      rmSync(join(vault, 'index', file))
    }
  },
  /** The header of a pack is damaged: all of its blobs can be saved. */
  'hurt-header': ({ vault, backups }) => {
    const file = join(vault, packsOf(vault, backups[0]).at(-1) ?? '')
    const bytes = readFileSync(file)
    bytes.writeUInt8(bytes.readUInt8(bytes.byteLength - 10) ^ 1, bytes.byteLength - 10)
    writeFileSync(file, bytes)
  },
  /** The folders of the first day are gone, and it with them. */
  'lost-folders': ({ vault, backups }) => {
    rmSync(join(vault, packsOf(vault, backups.shift())[0] ?? ''))
  },
} as const satisfies Record<string, (days: VaultDays) => void>

/** Adds to a rig those of these starts that it has not by itself: a shop whose backups are all in one vault, which needs care. */
export async function addVaultStarts(rig: ShopRig, starts: readonly string[]): Promise<void> {
  const wanted = starts.filter((start): start is VaultStart => start in makers)
  if (wanted.length === 0) {
    return
  }
  rig.reset('vault')
  const { shop } = rig
  const vault = join(shop.destinations[0], filesBelow(shop.destinations[0]).find(isConfig) ?? '', '..')
  const days: Day[] = []
  for (const file of readdirSync(join(vault, 'snapshots'))) {
    rmSync(join(vault, 'snapshots', file)) // the rig's own backup: the days are those that are taken here
  }
  for (let day = 1; day <= 4; day++) {
    const [before, content] = [filesBelow(vault), shop.content()]
    const id = await takeBackup(shop)
    const files = filesBelow(vault).filter((file) => !before.includes(file))
    days.push({ id, content, files, snapshot: files.find((file) => file.startsWith('snapshots/'))?.slice(10) ?? '' })
    shop.trade()
  }
  rig.keepAs('vault-days', { ...statesOf(shop, days), backup: '' })
  for (const start of wanted) {
    rig.reset('vault-days')
    const left = [...days]
    makers[start]({ shop, vault, backups: left })
    const [last, ...others] = left.map(({ id }) => id).reverse()
    rig.keepAs(start, { ...statesOf(shop, left), backup: last ?? '', earlier: others })
  }
}

function statesOf(
  shop: SmallShop,
  days: readonly Day[],
): { before: ShopContent; restored: ShopContent; others: readonly ShopContent[] } {
  const contents = days.map(({ content }) => content)
  const before = shop.content()
  return { before, restored: contents.at(-1) ?? before, others: contents }
}

/** The packs that a day has added, the smallest first. */
function packsOf(vault: string, day: Day | undefined): string[] {
  const packs = day?.files.filter((file) => file.startsWith('data/')) ?? []
  return packs.toSorted((a, b) => statSync(join(vault, a)).size - statSync(join(vault, b)).size)
}

function isConfig(file: string): boolean {
  return file.endsWith('/Vault/config')
}

async function takeBackup(shop: SmallShop): Promise<string> {
  await using center = await shop.open()
  return (await center.backUp().result).backup.label.id
}

import type { EmergencyKit, KitPlace, KitWorkspace } from '@tillsafe/engine'
import type { DestinationSettings, StoreKind } from '@tillsafe/engine/model'
import type { KitBlock } from './kit-block.ts'
import { isWindowsPath, shellWord } from './shell-word.ts'
import { STOCK_WAYS } from './stock-ways.ts'
import { pathToPrint } from './win-ansi.ts'

/** Every way with the line that leads into its folder; or, for a page that is full, with the name of the place only. */
export type KitLength = 'full' | 'brief'

/** What stands on the page, for a tired person on the worst day. */
export function composeKit(kit: EmergencyKit, length: KitLength): readonly KitBlock[] {
  const place = kit.places.find(({ shelves }) => shelves.length > 0) ?? kit.places[0]
  return [
    { kind: 'title', above: `EMERGENCY KIT, made ${dateOf(kit)} by Tillsafe ${kit.version}`, text: kit.shop.name },
    { kind: 'key', key: kit.recoveryKey, beside: KEEP },
    { kind: 'heading', text: 'Where the backups lie' },
    ...kit.places.map(placeBlock),
    ...noteOf(kit),
    ...(place === undefined ? [] : [...withTillsafe(place), ...withoutTillsafe(kit, length)]),
  ]
}

const KEEP =
  'Keep this page where you keep the key of the safe: not at the till, not with the backups. Whoever has it and one of the backups has everything.'

function dateOf({ madeAt, shop }: EmergencyKit): string {
  return new Intl.DateTimeFormat('en-GB', { timeZone: shop.timeZone, dateStyle: 'long', timeStyle: 'short' }).format(
    new Date(madeAt),
  )
}

const PLACE_KINDS: Readonly<Record<DestinationSettings['kind'], string>> = { local: 'folder' }

function placeBlock({ name, kind, path, shelves }: KitPlace): KitBlock {
  const stores = [...new Set(shelves.map(({ store }) => store))]
  const holds = stores.map((store) => `${STOCK_WAYS[store].name} of ${workspacesOf(shelves, store).join(', ')}`)
  return {
    kind: 'place',
    name: `${name} (${PLACE_KINDS[kind]})`,
    path: pathToPrint(path),
    holds: holds.join('; ') || 'recovery file only',
  }
}

function workspacesOf(shelves: KitPlace['shelves'], store: StoreKind): string[] {
  return shelves.filter((shelf) => shelf.store === store).map(({ workspace }) => workspace)
}

function noteOf({ places, workspaces }: EmergencyKit): readonly KitBlock[] {
  const paths = [...places.map(({ path }) => path), ...workspaces.flatMap(({ database, images }) => [database, images])]
  return paths.some((path) => path !== undefined && pathToPrint(path) !== path)
    ? [{ kind: 'text', text: 'A ? stands for a character that this page can’t print: look at the real name.' }]
    : []
}

function withTillsafe({ path }: KitPlace): readonly KitBlock[] {
  return [
    { kind: 'heading', text: 'Get the shop back with Tillsafe' },
    {
      kind: 'text',
      text: 'On the new machine: install Tillsafe, plug the disk in, and type the recovery key into a file key.txt in your own folder; delete it afterwards. Any of the places above will do. Its folder may be called otherwise now: it is the one that holds recovery.age.',
    },
    { kind: 'command', text: `cd ${shellWord(path)}` },
    { kind: 'command', text: 'tillsafe adopt . --recovery-key-file "$HOME/key.txt"' },
    { kind: 'text', text: 'It says which backup is the newest, and its id. Then bring that one back:' },
    { kind: 'command', text: 'tillsafe restore THE-ID' },
  ]
}

function withoutTillsafe(kit: EmergencyKit, length: KitLength): readonly KitBlock[] {
  const ways = waysOf(kit)
  const first = ways[0]?.workspace
  const others = kit.workspaces.length > 1 ? ' For another business, type its name in the place of this one.' : ''
  const where = length === 'full' ? '' : ', in the folder of the place that is named'
  return [
    { kind: 'heading', text: 'Without Tillsafe' },
    {
      kind: 'text',
      text: `In a terminal (on Windows: PowerShell)${where}. THE-FILE is a name that the line before it shows. A line further in continues the one above.${others}`,
    },
    ...ways.flatMap((way, n) => wordWay(way, length === 'full' && ways[n - 1]?.place !== way.place)),
    ...(first === undefined ? [] : [putBack(first)]),
    ...recoveryFile(ways),
  ]
}

function wordWay({ place, store, workspace }: Way, withPath: boolean): readonly KitBlock[] {
  const { name, words, images, commands } = STOCK_WAYS[store]
  const lines = commands({
    workspace: workspace.id,
    isEncrypted: workspace.encryption !== undefined,
    shell: isWindowsPath(place.path) ? 'powershell' : 'posix',
  })
  return [
    {
      kind: 'text',
      text: `${capital(name)}, in ${place.name}: ${words}${workspace.images === undefined ? '' : images}`,
    },
    ...[...(withPath ? [`cd ${shellWord(place.path)}`] : []), ...lines].map(
      (text) => ({ kind: 'command', text }) as const,
    ),
  ]
}

function capital(text: string): string {
  return text.slice(0, 1).toUpperCase() + text.slice(1)
}

interface Way {
  readonly place: KitPlace
  readonly store: StoreKind
  readonly workspace: KitWorkspace
}

/** For each store that is in use, the first place that has it. */
function waysOf({ places, workspaces }: EmergencyKit): readonly Way[] {
  const shelves = places.flatMap((place) => place.shelves.map(({ store, workspace }) => ({ place, store, workspace })))
  const stores = [...new Set(shelves.map(({ store }) => store))]
  return stores.flatMap((store) => {
    const shelf = shelves.find((one) => one.store === store)
    const workspace = workspaces.find(({ id }) => id === shelf?.workspace)
    return shelf === undefined || workspace === undefined ? [] : [{ place: shelf.place, store, workspace }]
  })
}

function putBack({ database, images }: KitWorkspace): KitBlock {
  const where = images === undefined ? '' : `, the images to ${pathToPrint(images)}`
  return {
    kind: 'text',
    text: `Then close the till and copy the restored database to ${pathToPrint(database)}${where}. Remove files of the database’s name with -wal or -shm at the end.`,
  }
}

/** Identity, settings and the keys of encrypted databases. */
function recoveryFile(ways: readonly Way[]): readonly KitBlock[] {
  const encryption = ways.map(({ workspace }) => workspace.encryption).find((one) => one !== undefined)
  const key = encryption && `, and the key of the encrypted database in databaseKeys under ${encryption.key}`
  return [
    {
      kind: 'text',
      text: `recovery.age (age-encryption.org) holds the shop’s identity and settings${key ?? ''}. Its passphrase is the recovery key, as printed above. Delete recovery.json afterwards.`,
    },
    { kind: 'command', text: 'age --decrypt --output "$HOME/recovery.json" recovery.age' },
    ...(encryption === undefined ? [] : openEncrypted(encryption)),
  ]
}

function openEncrypted({ format }: NonNullable<KitWorkspace['encryption']>): readonly KitBlock[] {
  return [
    { kind: 'text', text: `With sqlcipher (zetetic.net, version ${format} or later) and that key the database opens:` },
    { kind: 'command', text: 'sqlcipher "THE-DATABASE"' },
    { kind: 'command', text: `PRAGMA key = "THE-KEY"; PRAGMA cipher_compatibility = ${format};` },
    { kind: 'command', text: 'PRAGMA integrity_check;' },
  ]
}

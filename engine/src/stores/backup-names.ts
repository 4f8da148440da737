import { fileStamp, type Heading, type Tier } from '../model/index.ts'

/** The folder of each tier, the longest-lived first: a backup of several tiers lies in the first of them. */
const FOLDERS = [
  ['yearly', 'Yearly'],
  ['monthly', 'Monthly'],
  ['weekly', 'Weekly'],
  ['daily', 'Daily'],
  ['closing', 'Closing'],
  ['manual', 'Manual'],
  ['safety', 'Safety'],
] as const satisfies readonly (readonly [Tier, string])[]

/** The folders that backups lie in. */
export const TIER_FOLDERS: readonly string[] = FOLDERS.map(([, folder]) => folder)

/** What the file of a backup ends with: a plain database of `copies`, or an archive. */
export type BackupEnding = '.db' | '.zip'

/** What is written for one backup, beside the images of `copies`. */
export interface BackupKeys {
  /** The database, or the archive. */
  readonly content: string
  /** The label: it makes the backup exist. */
  readonly label: string
  /** There while the backup is being written or removed. */
  readonly marker: string
}

/** The keys of a backup from `<folder>/<name>`, the part that they share. */
export function backupKeys(stem: string, ending: BackupEnding): BackupKeys {
  return { content: stem + ending, label: stem + labelEnding(ending), marker: stem + markerEnding(ending) }
}

/** What the keys of labels end with. */
export function labelEnding(ending: BackupEnding): string {
  return `${ending}.json`
}

/** What the keys of markers end with. */
export function markerEnding(ending: BackupEnding): string {
  return `${ending}.saving`
}

/**
 * `main/Daily/Chez_backup_20261121_105700`: the keys of a backup without their endings. `attempt` 2, 3 … are for
 * when the name is taken: two backups in one second, or the hour that a clock shows twice.
 */
export function backupStem(heading: Heading, timeZone: string, attempt: number): string {
  const folder = FOLDERS.find(([tier]) => heading.tiers.includes(tier))?.[1] ?? 'Manual'
  const name = `${shopFileName(heading.shop.name)}_${occasion(heading)}_${fileStamp(heading.takenAt, timeZone)}`
  return `${heading.workspace.id}/${folder}/${name}${attempt === 1 ? '' : `_${attempt}`}`
}

/** `backup`; for a safety backup what it was taken before: `before_restore`. */
function occasion({ tiers, trigger }: Heading): string {
  if (!tiers.includes('safety')) {
    return 'backup'
  }
  return trigger.startsWith('before-') ? trigger.replaceAll('-', '_') : 'before_restore'
}

const NAME_CHARACTERS = 60
/** With the longest ending, a name stays below the 255 bytes that file systems allow. */
const NAME_BYTES = 180
/** Windows takes these for devices, whatever follows the dot. */
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(\.|$)/i

/** The name of a shop as part of a file name: its letters and accents stay, what a disk or a shell minds becomes `-`. */
export function shopFileName(name: string): string {
  const allowed = name.normalize('NFC').replace(/[^\p{L}\p{M}\p{N}_. -]+/gu, '-')
  const trimmed = trim(shortened(trim(allowed)))
  if (trimmed === '') {
    return 'Shop'
  }
  return DEVICE.test(trimmed) ? `Shop-${trimmed}` : trimmed
}

function trim(name: string): string {
  return name.replace(/^[. -]+|[. -]+$/g, '')
}

function shortened(name: string): string {
  let short = ''
  for (const character of Array.from(name).slice(0, NAME_CHARACTERS)) {
    if (Buffer.byteLength(short + character) > NAME_BYTES) {
      return short
    }
    short += character
  }
  return short
}

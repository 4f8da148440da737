import { fileStamp, type Heading, type Tier } from '../../model/index.ts'

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
export const COPY_FOLDERS: readonly string[] = FOLDERS.map(([, folder]) => folder)

/** What is written for one backup, beside the images. */
export interface CopyKeys {
  readonly database: string
  /** The label: it makes the backup exist. */
  readonly label: string
  /** There while the backup is being written or removed. */
  readonly marker: string
}

const DATABASE_ENDING = '.db'
export const LABEL_ENDING = '.db.json'
export const MARKER_ENDING = '.db.saving'

/** The keys of a backup from `<folder>/<name>`, the part that they share. */
export function copyKeys(stem: string): CopyKeys {
  return { database: stem + DATABASE_ENDING, label: stem + LABEL_ENDING, marker: stem + MARKER_ENDING }
}

/**
 * `main/Daily/Chez_backup_20261121_105700`: the keys of a backup without their endings. `attempt` 2, 3 … are for
 * when the name is taken: two backups in one second, or the hour that a clock shows twice.
 */
export function copyStem(heading: Heading, timeZone: string, attempt: number): string {
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
function shopFileName(name: string): string {
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

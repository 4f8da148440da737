import type { Content } from './content.ts'
import type { PageMap } from './pages/page-map.ts'

/** What an entry belongs to. */
type EntryPart = 'database' | 'images' | 'settings'

/** One file of a snapshot. */
export interface Entry extends Content {
  /** Relative, with `/`; never empty, absolute, or climbing out with `..`: see `isEntryPath`. */
  readonly path: string
  readonly part: EntryPart
  /** The page size of a database, so that a store can cut it where it changes. */
  readonly pageSize?: number
  /** What was counted over a database by who has read it, so that nobody need read all of it again. */
  readonly hashes?: KnownHashes
  /** When the file was last changed, in milliseconds since 1970, where it is known. */
  readonly modifiedMs?: number
}

/** The SHA-256 of a database, and the map of its pages for who asks for it; undefined when it is lost. */
interface KnownHashes {
  readonly sha256: string
  readonly map: () => Promise<PageMap | undefined>
}

/** Whether a path may be written below a folder on any platform: checked wherever paths come from outside. */
export function isEntryPath(path: string): boolean {
  return path.length > 0 && path.length < 4096 && !path.includes('\\') && path.split('/').every(isEntryName)
}

// Control characters, and what Windows can't store or reads as a device or a stream.
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is refused
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*]|[. ]$/
const DEVICE = /^(con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³]|conin\$|conout\$)(\.|$)/i

function isEntryName(name: string): boolean {
  return name.length > 0 && name !== '.' && name !== '..' && !FORBIDDEN.test(name) && !DEVICE.test(name)
}

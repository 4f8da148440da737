/** What stands where in an archive: see docs/format/archive.md. */
export const MANIFEST_PATH = 'manifest.json'
/** The signature of the manifest: the last entry, as the manifest is the last but one. */
export const SIGNATURE_PATH = 'manifest.json.sig'
/** The settings of the shop, without secrets. */
export const SETTINGS_PATH = 'settings.json'
/** The registry of a whole shop: which workspaces it has. */
export const REGISTRY_PATH = 'workspaces.json'

/** Where the images of a part begin, below its folder: entry paths of snapshots begin the same way. */
export const IMAGES_PREFIX = 'images/'

/** What the paths of a part begin with. */
export function partPrefix(folder: string): string {
  return folder === '' ? '' : `${folder}/`
}

/** Where the database of a part lies. */
export function databasePath(folder: string, workspace: string): string {
  return `${partPrefix(folder)}database/${workspace}.db`
}

/**
 * What the driver does: a backup; a restore of the oldest backup; nothing but a start, which recovers; a second
 * workspace in the settings; a second shop in a home of its own; an export of an archive and of the database; or a prune or
 * a repair of its vault.
 */
export type DriverJob = 'backup' | 'restore' | 'recover' | 'settings' | 'create' | 'export' | 'prune' | 'repair'

/**
 * Where the driver writes what was acknowledged (`backup ID`, `restore ID`, `workspace ID`, `shop ID`,
 * `export FILE`): beside the shop,
 * on a disk without faults.
 */
export function ledgerOf(folder: string): string {
  return `${folder}.ledger`
}

/**
 * What the driver does: a backup; a restore of the oldest backup; nothing but a start, which recovers; a second
 * workspace in the settings; or a second shop in a home of its own.
 */
export type DriverJob = 'backup' | 'restore' | 'recover' | 'settings' | 'create'

/**
 * Where the driver writes what was acknowledged (`backup ID`, `restore ID`, `workspace ID`, `shop ID`): beside the shop,
 * on a disk without faults.
 */
export function ledgerOf(folder: string): string {
  return `${folder}.ledger`
}

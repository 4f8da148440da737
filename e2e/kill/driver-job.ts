/** What the driver does: a backup, a restore of the oldest backup, or nothing but a start, which recovers. */
export type DriverJob = 'backup' | 'restore' | 'recover'

/** Where the driver writes what was acknowledged, `backup ID` or `restore ID`: beside the shop, on a disk without faults. */
export function ledgerOf(folder: string): string {
  return `${folder}.ledger`
}

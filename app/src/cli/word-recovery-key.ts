/** The recovery key as a person copies it to paper. Never in a document for programs. */
export function wordRecoveryKey(recoveryKey: string): string {
  return [
    `Recovery key: ${recoveryKey}`,
    '  Write it down now and keep the paper away from this machine. With it and any of the backups a new machine becomes',
    '  this shop again: tillsafe adopt. Whoever has both can do the same. To see it again: tillsafe recovery show',
  ].join('\n')
}

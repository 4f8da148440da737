import { lstat } from 'node:fs/promises'
import { TillsafeError } from '../model/index.ts'
import { fileContent } from '../snapshot/file-content.ts'
import type { Lock } from '../work/age/seal.ts'
import { unsealed } from '../work/age/unseal.ts'
import { cancellable } from '../work/cancel.ts'
import type { JobContext } from '../work/job-context.ts'
import { sha256Of } from '../work/sha256.ts'

/**
 * Opens what was sealed with a passphrase, and compares it with what went in. What is sealed for other people's keys can't
 * be opened here: there it must be enough that the bytes were read back as they were written.
 */
export async function requireOpens(file: string, lock: Lock, sha256: string, job: JobContext): Promise<void> {
  if (lock.kind !== 'passphrase') {
    return
  }
  const stream = await fileContent(file, (await lstat(file)).size).open()
  const found = await sha256Of(cancellable(unsealed(stream, lock), job.signal))
  if (found.sha256 !== sha256) {
    throw new TillsafeError('destination.failed', 'the encrypted file was opened again, and holds something else')
  }
}

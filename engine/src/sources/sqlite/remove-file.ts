import { unlinkSync } from 'node:fs'

/** Removes a file; one that is not there is no error. Unlike `rmSync`, its errors tell their code. */
export function removeFile(path: string): void {
  try {
    unlinkSync(path)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') {
      throw error
    }
  }
}

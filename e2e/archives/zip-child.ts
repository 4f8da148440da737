/** The process that reads ZIPs to their end, one after another, and tells what each came to. Nothing is written. */
import { ZipReader } from '../../engine/src/stores/archive/zip/read-zip.ts'
import { ARCHIVE_LIMITS } from '../../engine/src/stores/archive/zip/zip-limits.ts'
import { answerOneTask } from '../../engine/src/work/confined-child.ts'

/** What reading one ZIP came to: the code of the error, or `read` when every byte of it was right. */
export interface ZipVerdict {
  readonly verdict: string
  readonly message: string
  readonly milliseconds: number
  readonly bytes: number
  /** The most that the process has used so far. */
  readonly memoryBytes: number
}

answerOneTask<readonly string[]>({
  async run(paths) {
    const verdicts: ZipVerdict[] = []
    for (const path of paths) {
      verdicts.push(await judge(path))
    }
    return verdicts
  },
  explain: (error) => error,
})

async function judge(path: string): Promise<ZipVerdict> {
  const begun = performance.now()
  const {
    verdict,
    message = '',
    bytes = 0,
  } = await read(path).catch((error) => ({
    verdict: String(error.code ?? 'uncaught'),
    message: String(error.message),
    bytes: 0,
  }))
  const milliseconds = performance.now() - begun
  return { verdict, message, bytes, milliseconds, memoryBytes: process.resourceUsage().maxRSS * 1024 }
}

async function read(path: string): Promise<{ verdict: string; message?: string; bytes: number }> {
  await using zip = await ZipReader.open(path, ARCHIVE_LIMITS)
  let bytes = 0
  for await (const item of zip.items()) {
    for await (const chunk of await zip.read(item)) {
      bytes += chunk.byteLength
    }
  }
  return { verdict: 'read', bytes }
}

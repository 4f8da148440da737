/** The process that opens sealed files: see `unseal-file.ts`. */
import { createReadStream, createWriteStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'
import { answerOneTask } from '../confined-child.ts'
import { type Unlock, unsealed } from './unseal.ts'

export interface UnsealTask {
  readonly file: string
  /** Made by the task; must not exist. */
  readonly plain: string
  readonly key: Unlock
}

const CHUNK_BYTES = 512 * 1024

answerOneTask<UnsealTask>({
  async run({ file, plain, key }) {
    const sealed = createReadStream(file, { highWaterMark: CHUNK_BYTES })
    await pipeline(unsealed(sealed, key), createWriteStream(plain, { flags: 'wx', mode: 0o600 }))
  },
  explain: (error) => error,
})

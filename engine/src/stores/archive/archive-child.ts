/** The process that unpacks archives: one task behind walls, then it ends. See `unpack-archive.ts`. */
import { answerOneTask } from '../../work/confined-child.ts'
import { diskFailure } from '../../work/disk-failure.ts'
import { ownThisProcess } from '../../work/give-back-memory.ts'
import { unpack } from './unpack.ts'
import type { UnpackTask } from './unpack-task.ts'

ownThisProcess()
answerOneTask<UnpackTask>({
  async run(task, progress) {
    try {
      return await unpack(task, progress)
    } catch (error) {
      throw await diskFailure(error, task.into)
    }
  },
  explain: (error) => error,
})

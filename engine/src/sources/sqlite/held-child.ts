/** The process that holds a live database: see `database-holder.ts` and `held-database.ts`. */
import { ownThisProcess } from '../../work/give-back-memory.ts'
import { DatabaseHolder } from './database-holder.ts'
import type { HoldMessage, HoldOrder } from './hold-task.ts'

ownThisProcess()
let holder: DatabaseHolder | undefined

// What the engine does can't be interrupted, and an orphan must not hold a till's database.
const die = () => process.kill(process.pid, 'SIGKILL')
process.on('disconnect', die)
process.on('uncaughtException', die) // by itself, the process would wait for the engine
process.on('message', (order: HoldOrder) => void obey(order))

async function obey(order: HoldOrder): Promise<void> {
  switch (order.kind) {
    case 'hold':
      holder = new DatabaseHolder(order.task, tell, die)
      await holder.hold()
      break
    case 'read':
      await holder?.read(order.id, order)
      break
    case 'release':
      await holder?.release()
      break
    default:
      order satisfies never
  }
}

function tell(message: HoldMessage): Promise<void> {
  return new Promise((resolve) => {
    process.send?.(message, () => resolve())
  })
}

import type { AskLiveTask } from './ask-live.ts'
import type { Meaning } from './ask-schema-map.ts'
import type { CommittedState, StateTask } from './committed-state.ts'
import type { HashContentTask } from './hash-content-task.ts'
import type { InspectResult, InspectTask } from './inspect.ts'
import type { LookResult, LookTask } from './look.ts'
import type { OptimizeResult, OptimizeTask } from './optimize.ts'
import type { ProbeTask } from './probe.ts'
import type { SnapshotResult, SnapshotTask } from './snapshot-task.ts'
import type { SwapTask } from './swap.ts'

/** What the SQLite process can be asked, and what it answers. */
export interface SqliteTasks {
  snapshot: { task: SnapshotTask; result: SnapshotResult }
  inspect: { task: InspectTask; result: InspectResult }
  state: { task: StateTask; result: CommittedState | undefined }
  'hash-content': { task: HashContentTask; result: string }
  swap: { task: SwapTask; result: undefined }
  look: { task: LookTask; result: LookResult }
  optimize: { task: OptimizeTask; result: OptimizeResult }
  'ask-live': { task: AskLiveTask; result: Meaning }
  probe: { task: ProbeTask; result: undefined }
}

export type SqliteTask = SqliteTasks[keyof SqliteTasks]['task']

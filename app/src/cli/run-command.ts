import { failureOf, TillsafeError } from '@tillsafe/engine/model'
import type { Command } from 'commander'
import type { Settings } from '../settings.ts'
import { type CommonOptions, Frame } from './frame.ts'
import { recordDefect } from './record-defect.ts'
import type { Answer } from './voice.ts'

/** What a command does, given its frame, its arguments and its options. */
type Work<A extends unknown[]> = (frame: Frame, ...given: A) => Promise<Answer>

/** Makes commander's action of a command's work: opens the frame, runs, speaks, and keeps the exit code. */
export type RunCommand = <A extends unknown[]>(work: Work<A>) => (...given: [...A, Command]) => Promise<void>

export function commandRunner(settings: Settings, keep: (exitCode: number) => void): RunCommand {
  return (work) =>
    async (...given) => {
      const command = given.at(-1) as Command
      const frame = new Frame(settings, command.optsWithGlobals<CommonOptions>())
      stopWhenAsked(frame, settings)
      try {
        keep(frame.voice.answer(await work(frame, ...(given.slice(0, -1) as never))))
      } catch (error) {
        keep(frame.voice.fail(await recordDefect(error, frame.home)))
      }
    }
}

/** What runs is cancelled and ends by itself; when nothing runs, nothing is lost by ending at once. */
function stopWhenAsked(frame: Frame, settings: Settings): void {
  settings.onInterrupt(() => {
    if (!frame.interrupt()) {
      const stopped = new TillsafeError('job.cancelled', 'the work was cancelled')
      void settings.exit(frame.voice.fail(failureOf(stopped)))
    }
  })
}

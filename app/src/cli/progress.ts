import type { Clock, Progress, Step } from '@tillsafe/engine/model'
import cliProgress from 'cli-progress'
import { wordDuration, wordSize } from './wording.ts'

/** Shows how far a job is, on standard error. */
export interface ProgressView {
  show(progress: Progress): void
  end(): void
}

/** A view for nobody. */
export const noProgress: ProgressView = { show: () => undefined, end: () => undefined }

const STEPS: Record<Step, string> = {
  waiting: 'Preparing',
  snapshot: 'Copying the database',
  check: 'Checking the copy',
  write: 'Writing',
  'read-back': 'Reading back',
  'safety-backup': 'Saving the current state',
  stage: 'Putting the backup beside the live data',
  swap: 'Replacing',
  'clean-up': 'Cleaning up',
}

/** For files and pipes: a line when a step begins. Writing and reading back take turns; each is said once. */
export class LinesOfProgress implements ProgressView {
  readonly #write: (text: string) => void
  readonly #said = new Set<string>()

  constructor(write: (text: string) => void) {
    this.#write = write
  }

  show(progress: Progress): void {
    const title = titleOf(progress)
    if (progress.step !== 'waiting' && !this.#said.has(title)) {
      this.#said.add(title)
      this.#write(`${title}\n`)
    }
  }

  end(): void {
    this.#said.clear()
  }
}

/** For terminals: a bar that follows the step at hand, with bytes, speed and the time left. */
export class BarOfProgress implements ProgressView {
  readonly #clock: Clock
  readonly #bar: cliProgress.SingleBar
  /** When each step began. */
  readonly #begun = new Map<string, number>()

  constructor(stream: NodeJS.WriteStream, clock: Clock) {
    this.#clock = clock
    this.#bar = new cliProgress.SingleBar(
      {
        stream,
        format: '{title} {bar} {percentage}%  {figures}',
        barsize: 24,
        hideCursor: true,
        clearOnComplete: true,
      },
      cliProgress.Presets.shades_classic,
    )
  }

  show(progress: Progress): void {
    const { bytes, totalBytes } = progress
    if (totalBytes === undefined) {
      return
    }
    const shown = { title: titleOf(progress).padEnd(26), figures: this.#figures(progress, totalBytes) }
    if (this.#bar.isActive) {
      this.#bar.setTotal(Math.max(1, totalBytes))
      this.#bar.update(bytes, shown)
    } else {
      this.#bar.start(Math.max(1, totalBytes), bytes, shown)
    }
  }

  end(): void {
    this.#bar.stop()
  }

  #figures(progress: Progress, totalBytes: number): string {
    const title = titleOf(progress)
    const now = this.#clock.ticks()
    const beganAt = this.#begun.get(title) ?? now
    this.#begun.set(title, beganAt)
    const done = `${wordSize(progress.bytes)} of ${wordSize(totalBytes)}`
    const seconds = (now - beganAt) / 1000
    if (seconds < 1 || progress.bytes === 0) {
      return done
    }
    const speed = progress.bytes / seconds
    return `${done}, ${wordSize(speed)}/s, ${wordDuration((totalBytes - progress.bytes) / speed)} left`
  }
}

function titleOf({ step, subject }: Progress): string {
  return subject === undefined ? STEPS[step] : `${STEPS[step]} (${subject})`
}

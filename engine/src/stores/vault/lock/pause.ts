import { setTimeout } from 'node:timers/promises'

/** How locks wait: throws when the signal is aborted. With `ref: false` nobody stays alive for the sake of it. */
export type Pause = (
  milliseconds: number,
  options: { readonly signal?: AbortSignal; readonly ref?: boolean },
) => Promise<void>

/** Waits as long as it takes. */
export const pause: Pause = async (milliseconds, options) => await setTimeout(milliseconds, undefined, options)

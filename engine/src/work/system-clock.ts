import type { Clock } from '../model/index.ts'

/** The clock of this machine: the only place where the time is read. */
export const systemClock: Clock = {
  // biome-ignore lint/plugin: this is the door
  now: () => new Date().toISOString(),
  ticks: () => performance.now(),
}

import type { Id } from './words.ts'

/** Where chance comes from: `count` random bytes. */
export type RandomBytes = (count: number) => Uint8Array

/** A new id for a backup, a job or a plan. */
export function randomId(random: RandomBytes): Id {
  return Array.from(random(16), (byte) => byte.toString(16).padStart(2, '0')).join('')
}

import { describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { runPowerCuts } from './run-power-cuts.ts'

/** A sample; `campaign.ts --cycles N` tries more. */
const CYCLES = 4

describe.skipIf(needs('loop mount', 'mkfs.ext4', 'perl', 'strace', 'tracing'))(
  'when the power goes',
  { timeout: 180_000 },
  () => {
    test('what was acknowledged is there, and a disk that only says it synced is told from one that did', async () => {
      const { cuts, control } = await runPowerCuts(CYCLES)
      expect(cuts.flatMap(({ problems }) => problems)).toEqual([])
      expect(cuts.some(({ acknowledged }) => acknowledged)).toBe(true)
      expect(control.flatMap(({ problems }) => problems)).not.toEqual([])
    })
  },
)

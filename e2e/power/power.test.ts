import { describe, expect, test } from 'vitest'
import { needs } from '../../tools/needs.ts'
import { runLyingSyncs, runPowerCuts } from './run-power-cuts.ts'

/** A sample; `campaign.ts --cycles N` tries more. */
const CYCLES = 4

describe.skipIf(needs('loop mount', 'perl', 'strace', 'tracing', 'mkfs.ext4', 'mkfs.xfs'))(
  'when the power goes',
  { timeout: 180_000 },
  () => {
    test.each(['ext4', 'xfs'] as const)(
      'on %s, what was acknowledged is there, and a disk that only says it synced is told from one that did',
      async (fileSystem) => {
        const { cuts, control } = await runPowerCuts(CYCLES, fileSystem)
        expect(cuts.flatMap(({ problems }) => problems)).toEqual([])
        expect(cuts.some(({ acknowledged }) => acknowledged)).toBe(true)
        expect(control.flatMap(({ problems }) => problems)).not.toEqual([])
      },
    )

    test('on a disk that only says it syncs, the backup that was taken before on an honest one still restores', async () => {
      const crashes = await runLyingSyncs(CYCLES, 'ext4')
      expect(crashes.flatMap(({ problems }) => problems)).toEqual([])
    })
  },
)

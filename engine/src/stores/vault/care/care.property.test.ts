import fc from 'fast-check'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { DyingDestination, type RigFiles, rigWorkers, VaultRig } from '../../../../../tools/vault-rig.ts'
import { testJob } from '../../../testing/test-job.ts'
import type { VaultWorkers } from '../pool/vault-workers.ts'
import { checkVault } from './check/check-vault.ts'
import { PRUNE_DEFAULTS, pruneVault } from './prune/prune-vault.ts'
import { repairVault } from './repair/repair-vault.ts'

let workers: VaultWorkers
beforeAll(() => {
  workers = rigWorkers()
})
afterAll(async () => await workers[Symbol.asyncDispose]())

const held = { requireHeld: async () => undefined }
const content = fc.tuple(fc.constantFrom('p', 'q', 'r'), fc.nat(500)).map(([seed, bytes]) =>
  seed
    .repeat(bytes)
    .replace(/./g, (one, at) => `${one}${at % 97}`)
    .slice(0, bytes),
)
const files = fc.dictionary(fc.constantFrom('a', 'b', 'images/c', 'images/d', 'more/e'), content, { minKeys: 1 })
const dying = fc.option(fc.nat(200), { nil: Number.POSITIVE_INFINITY, freq: 2 })
const deed = fc.oneof(
  { weight: 4, arbitrary: fc.record({ kind: fc.constant('save' as const), files, again: fc.boolean() }) },
  { weight: 2, arbitrary: fc.record({ kind: fc.constant('forget' as const), which: fc.nat(9) }) },
  {
    weight: 2,
    arbitrary: fc.record({
      kind: fc.constant('prune' as const),
      share: fc.constantFrom(0, 0.05, 0.5, 1),
      joinSmall: fc.boolean(),
      calls: dying,
    }),
  },
  {
    weight: 1,
    arbitrary: fc.record({
      kind: fc.constant('repair' as const),
      reading: fc.constantFrom('headers' as const, 'everything' as const),
      calls: dying,
    }),
  },
  { weight: 1, arbitrary: fc.record({ kind: fc.constant('lose index' as const), which: fc.nat(9) }) },
)
type Deed = typeof deed extends fc.Arbitrary<infer T> ? T : never

async function doIt(rig: VaultRig, model: Map<string, RigFiles>, step: Deed): Promise<void> {
  switch (step.kind) {
    case 'save':
      model.set(await rig.save(step.files, step), step.files)
      break
    case 'forget': {
      const name = [...model.keys()][step.which]
      if (name !== undefined && model.size > 1) {
        model.delete(name)
        await rig.forget(name)
      }
      break
    }
    case 'prune': {
      const options = { ...PRUNE_DEFAULTS, maxUnusedShare: step.share, joinSmall: step.joinSmall, mostRemovedShare: 1 }
      const at = rig.repositoryOn(new DyingDestination(rig.destination, step.calls))
      await pruneVault(at, workers, options, held, testJob()).catch((error: unknown) => onlyDying(step.calls, error))
      break
    }
    case 'repair': {
      const at = rig.repositoryOn(new DyingDestination(rig.destination, step.calls))
      const options = { reading: step.reading, forgetLost: true }
      await repairVault(rig.place, at, workers, options, held, testJob()).catch((error: unknown) =>
        onlyDying(step.calls, error),
      )
      break
    }
    case 'lose index': {
      const key = rig.keys('index')[step.which]
      if (key !== undefined) {
        rig.destination.objects.delete(key)
        await repairVault(rig.place, rig.repository, workers, { reading: 'headers', forgetLost: true }, held, testJob())
      }
      break
    }
    default:
      step satisfies never
  }
}

function onlyDying(calls: number, error: unknown): void {
  if (calls === Number.POSITIVE_INFINITY) {
    throw error
  }
}

test('in whatever order a vault is written, cut, pruned and repaired, each snapshot gives back its files', {
  timeout: 300_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(files, fc.array(deed, { minLength: 3, maxLength: 14 }), async (first, steps) => {
      const rig = new VaultRig()
      const model = new Map([[await rig.save(first), first]])
      for (const step of steps) {
        await doIt(rig, model, step)
        for (const [snapshot, expected] of model) {
          expect(await rig.filesOf(snapshot)).toEqual(expected)
        }
      }
      await pruneVault(
        rig.repository,
        workers,
        { ...PRUNE_DEFAULTS, maxUnusedShare: 0, mostRemovedShare: 1 },
        held,
        testJob(),
      )
      const { problems, notes, snapshots } = await checkVault(
        rig.place,
        rig.repository,
        workers,
        'everything',
        testJob(),
      )
      expect({ problems, notes, snapshots }).toEqual({ problems: [], notes: [], snapshots: model.size })
      for (const [snapshot, expected] of model) {
        expect(await rig.filesOf(snapshot)).toEqual(expected)
      }
    }),
    { numRuns: 60 },
  )
})

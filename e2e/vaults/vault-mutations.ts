import type { Key } from '../../engine/src/destinations/destination.ts'
import type { SeededRandom } from '../corrupt/seeded-random.ts'
import { type MadeVault, ROOT, type VaultState } from './made-vault.ts'
import type { BlobKind } from './vault-contents.ts'

/** What is damaged: a kind of file, or of what lies in packs. */
const targets = [
  'config',
  'keys',
  'snapshots',
  'index',
  'locks',
  'hints',
  'pages',
  'images',
  'labels',
  'trees',
  'stock',
  'headers',
] as const
type Target = (typeof targets)[number]

/** A damaged vault. */
export interface Mutant extends VaultState {
  /** What was done to it, as words. */
  readonly mutation: string
  readonly target: Target
}

/** A file that is going to be changed, and the range in it where that has to do with the target. */
interface Aim {
  readonly files: Map<string, Uint8Array>
  readonly key: string
  readonly bytes: Uint8Array
  readonly start: number
  readonly end: number
  /** The other files of its kind; those of another vault, and of this one some days before. */
  readonly others: readonly string[]
  readonly foreign: readonly [string, Uint8Array][]
  readonly older: readonly [string, Uint8Array][]
  readonly random: SeededRandom
}

type Mutation = (aim: Aim) => void

const mutations: Readonly<Record<string, Mutation>> = {
  'one bit flipped': (aim) =>
    change(aim, (bytes, at) => bytes.writeUInt8(bytes.readUInt8(at) ^ (1 << aim.random.below(8)), at)),
  'range zeroed': (aim) =>
    change(aim, (bytes, at) => bytes.fill(0, at, Math.min(bytes.byteLength, at + 1 + aim.random.below(5000)))),
  'range of chance': (aim) => change(aim, (bytes, at) => aim.random.bytes(1 + aim.random.below(300)).copy(bytes, at)),
  truncated: ({ files, key, bytes, random }) => files.set(key, bytes.subarray(0, random.below(bytes.byteLength))),
  emptied: ({ files, key }) => files.set(key, new Uint8Array()),
  dropped: ({ files, key }) => files.delete(key),
  'swapped with another': ({ files, key, bytes, others, random }) => {
    const other = others.length === 0 ? key : random.pick(others)
    files.set(key, files.get(other) ?? bytes).set(other, bytes)
  },
  'doubled under another name': ({ files, key, bytes, random }) => {
    const [name, stem] = [random.bytes(32).toString('hex'), key.replace(/[0-9a-f]{64}$/, '')]
    const names = [
      `${stem}${name}`,
      `${key}-tmp-1`,
      `${key}.draft`,
      `${stem}${key.slice(-64).toUpperCase()}`,
      `${key.slice(0, -3)}`,
    ]
    files.set(random.pick(key.length > 70 ? names : [`${key}-2`]), bytes)
  },
  'rolled back to an older one': ({ files, key, older, random }) => {
    if (older.length > 0) {
      files.set(key, random.pick(older)[1])
    }
  },
  'all of its kind rolled back': ({ files, key, others, older }) => {
    for (const gone of [key, ...others]) {
      files.delete(gone)
    }
    bringBack(files, older)
  },
  'older ones brought back': ({ files, older }) => {
    bringBack(files, older)
  },
  'appended to': ({ files, key, bytes, random }) =>
    files.set(key, Buffer.concat([bytes, random.bytes(1 + random.below(200))])),
  'of another vault': ({ files, key, foreign, random }) => {
    if (foreign.length > 0) {
      files.set(key, random.pick(foreign)[1])
    }
  },
  'one of another vault added': ({ files, foreign, random }) => {
    if (foreign.length > 0) {
      files.set(...random.pick(foreign))
    }
  },
  'of a size a little wrong': ({ files, key, bytes, random }) => {
    const by = random.pick([1, 4, 16, 41, 100])
    files.set(
      key,
      random.below(2) === 0
        ? bytes.subarray(0, Math.max(0, bytes.byteLength - by))
        : Buffer.concat([bytes, Buffer.alloc(by)]),
    )
  },
}

/** Damages a vault in one way, now and then in several. Always something is not as it was. */
export function mutate(made: MadeVault, other: VaultState, random: SeededRandom): Mutant {
  for (;;) {
    const objects = new Map(made.objects)
    const hints = new Map(made.hints)
    const times = random.below(12) === 0 ? 2 + random.below(2) : 1
    const done = Array.from({ length: times }, () => mutateOnce(made, other, { objects, hints }, random))
    const [first] = done
    if (first !== undefined && (isChanged(made.objects, objects) || isChanged(made.hints, hints))) {
      const mutation = times === 1 ? first.mutation : 'several at once'
      return { objects, hints, mutation, target: first.target }
    }
  }
}

function mutateOnce(
  made: MadeVault,
  other: VaultState,
  state: { objects: Map<Key, Uint8Array>; hints: Map<string, Uint8Array> },
  random: SeededRandom,
): { mutation: string; target: Target } {
  for (;;) {
    const target = random.pick(targets)
    const aim = aimAt(target, made, other, state, random)
    if (aim !== undefined) {
      const mutation = random.pick(Object.keys(mutations))
      mutations[mutation]?.(aim)
      return { mutation, target }
    }
  }
}

/** Undefined when the vault has nothing of that kind. */
function aimAt(
  target: Target,
  made: MadeVault,
  other: VaultState,
  { objects, hints }: { objects: Map<Key, Uint8Array>; hints: Map<string, Uint8Array> },
  random: SeededRandom,
): Aim | undefined {
  if (target === 'hints') {
    const keys = [...hints.keys()]
    const [older, foreign] = [[...made.older.hints], [...other.hints]]
    return keys.length === 0 ? undefined : aim(hints, random.pick(keys), keys, older, foreign)
  }
  const folder = folderOf(target)
  const [here, older, foreign] = [objects, made.older.objects, other.objects].map((all) =>
    [...all].filter(([key]) => key.startsWith(`${ROOT}/${folder}`)),
  ) as [[string, Uint8Array][], [string, Uint8Array][], [string, Uint8Array][]]
  if (folder !== 'data/') {
    const keys = here.map(([key]) => key)
    return keys.length === 0 ? undefined : aim(objects, random.pick(keys), keys, older, foreign)
  }
  const places = target === 'headers' ? made.contents.headers : made.contents.placesOf(target as BlobKind)
  const there = places.filter(({ pack }) => objects.has(pack))
  if (there.length === 0) {
    return undefined
  }
  const { pack, start, end } = random.pick(there)
  return {
    ...aim(
      objects,
      pack,
      here.map(([key]) => key),
      older,
      foreign,
    ),
    start,
    end,
  }

  function aim(
    files: Map<string, Uint8Array>,
    key: string,
    keys: readonly string[],
    olderOnes: [string, Uint8Array][],
    foreignOnes: [string, Uint8Array][],
  ): Aim {
    const bytes = files.get(key) ?? new Uint8Array()
    const others = keys.filter((one) => one !== key)
    return {
      files,
      key,
      bytes,
      start: 0,
      end: bytes.byteLength,
      others,
      foreign: foreignOnes,
      older: olderOnes,
      random,
    }
  }
}

function folderOf(target: Target): string {
  switch (target) {
    case 'config':
      return 'config'
    case 'keys':
    case 'snapshots':
    case 'index':
    case 'locks':
      return `${target}/`
    default:
      return 'data/'
  }
}

function change({ files, key, bytes, start, end, random }: Aim, how: (bytes: Buffer, at: number) => void): void {
  const changed = Buffer.from(bytes)
  const at = Math.min(start, Math.max(0, bytes.byteLength - 1)) + random.below(Math.min(end, bytes.byteLength) - start)
  if (at < changed.byteLength) {
    how(changed, at)
    files.set(key, changed)
  }
}

function bringBack(files: Map<string, Uint8Array>, older: Aim['older']): void {
  for (const [name, bytes] of older) {
    files.set(name, bytes)
  }
}

function isChanged(before: ReadonlyMap<string, Uint8Array>, now: ReadonlyMap<string, Uint8Array>): boolean {
  return (
    before.size !== now.size ||
    [...now].some(([key, bytes]) => Buffer.compare(before.get(key) ?? Buffer.of(0), bytes) !== 0)
  )
}

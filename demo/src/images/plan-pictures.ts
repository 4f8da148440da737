import type { Random } from '../chance/random.ts'
import { drawSvg } from './draw-svg.ts'

export type Format = 'jpg' | 'png' | 'webp'

export interface Subject {
  readonly table: 'products' | 'categories'
  readonly id: number
  readonly name: string
  readonly folder: string
  readonly colour: string
}

/** A file of the images folder, and the row that names it, if one does. */
export interface Picture {
  readonly kind: 'good' | 'oversized' | 'truncated' | 'wrong-extension' | 'empty' | 'missing' | 'duplicate' | 'orphan'
  readonly path: string
  readonly format: Format
  readonly svg: string
  readonly subject: Subject | undefined
  /** The path whose bytes a duplicate has. */
  readonly sameAs: string | undefined
}

const FORMATS: readonly Format[] = ['jpg', 'jpg', 'png', 'webp']
const OVERSIZED = 3000
/** Among forty products these have something wrong; the others have a good picture. */
const WRONG: ReadonlyMap<number, Picture['kind']> = new Map([
  [3, 'missing'],
  [5, 'duplicate'],
  [7, 'oversized'],
  [9, 'truncated'],
  [10, 'wrong-extension'],
  [11, 'empty'],
  [25, 'duplicate'],
])

/** Decides every file of the images folder before any is written. */
export function planPictures(random: Random, subjects: readonly Subject[]): readonly Picture[] {
  const pictures: Picture[] = []
  subjects.forEach((subject, index) => {
    const kind = subject.table === 'products' ? (WRONG.get(index % 40) ?? 'good') : 'good'
    pictures.push(planPicture(random, subject, kind, pictures.at(-1)))
  })
  return [...pictures, ...planOrphans(random, pictures)]
}

function planPicture(random: Random, subject: Subject, kind: Picture['kind'], before: Picture | undefined): Picture {
  const original = kind === 'duplicate' ? before : undefined
  const format = original?.format ?? random.pick(FORMATS)
  const size = kind === 'oversized' ? OVERSIZED : random.between(360, 800)
  const svg = drawSvg(random, subject.colour, size)
  const path = `${subject.folder}/${fileName(subject.name)}.${kind === 'wrong-extension' ? 'jpg' : format}`
  const trueFormat = kind === 'wrong-extension' ? 'png' : format
  return { kind, path, format: trueFormat, svg, subject, sameAs: original?.path }
}

function planOrphans(random: Random, pictures: readonly Picture[]): Picture[] {
  const [first] = pictures
  if (first === undefined) return []
  const drawn = Array.from({ length: Math.ceil(pictures.length / 15) }, (_none, index): Picture => {
    const path = `anciens produits/été ${2019 + (index % 6)}/photo n° ${index + 1}.jpg`
    const svg = drawSvg(random, '#a3583d', random.between(300, 700))
    return { kind: 'orphan', path, format: 'jpg', svg, subject: undefined, sameAs: undefined }
  })
  const copy = { ...first, kind: 'orphan', path: `Copie de ${first.path.replace('/', ' - ')}` } as const
  return [...drawn, { ...copy, subject: undefined, sameAs: first.path }]
}

/** What every file system takes: none of Windows' forbidden characters, no trailing point. */
function fileName(name: string): string {
  return name
    .normalize('NFC')
    .replaceAll(/["<>:|?*\\/]/g, '')
    .replace(/[. ]+$/, '')
}

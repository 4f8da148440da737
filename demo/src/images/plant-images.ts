import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Random } from '../chance/random.ts'
import type { PosDatabase } from '../database/pos-database.ts'
import { type Picture, planPictures, type Subject } from './plan-pictures.ts'
import type { PlantedImages } from './planted-images.ts'
import { renderPicture } from './render-picture.ts'

const AT_ONCE = 4
const SUBJECTS_SQL = `SELECT 'products' AS 'table', p.id, p.name, c.name AS folder, c.colour FROM products p
  JOIN categories c ON c.id = p.category_id WHERE p.id <= ? UNION ALL
  SELECT 'categories', id, name, 'catégories', colour FROM categories`

/** Fills the images folder for so many products, names the files in the database, and tells what is wrong with them. */
export async function plantImages(
  db: PosDatabase,
  folder: string,
  random: Random,
  pictures: number,
): Promise<PlantedImages> {
  const subjects = pictures === 0 ? [] : (db.prepare(SUBJECTS_SQL).all(pictures) as Subject[])
  const plan = planPictures(random, subjects)
  const sizes = await writeAll(folder, plan)
  nameInDatabase(db, plan)
  return summarize(plan, sizes)
}

async function writeAll(folder: string, plan: readonly Picture[]): Promise<readonly number[]> {
  const written = plan.filter((picture) => picture.kind !== 'missing')
  const sources = new Map(plan.map((picture) => [picture.path, picture]))
  const sizes: number[] = []
  for (let from = 0; from < written.length; from += AT_ONCE) {
    const batch = written.slice(from, from + AT_ONCE)
    sizes.push(...(await Promise.all(batch.map((picture) => writePicture(folder, picture, sources)))))
  }
  return sizes
}

async function writePicture(folder: string, picture: Picture, sources: ReadonlyMap<string, Picture>): Promise<number> {
  const bytes = await renderPicture(sources.get(picture.sameAs ?? '') ?? picture)
  const file = join(folder, picture.path)
  await mkdir(dirname(file), { recursive: true })
  await writeFile(file, bytes)
  return bytes.length
}

function nameInDatabase(db: PosDatabase, plan: readonly Picture[]): void {
  db.transaction(() => {
    for (const { subject, path } of plan) {
      if (subject === undefined) continue
      db.prepare(`UPDATE ${subject.table} SET image_path = ? WHERE id = ?`).run(path, subject.id)
    }
  })()
}

function summarize(plan: readonly Picture[], sizes: readonly number[]): PlantedImages {
  const paths = (kind: Picture['kind']) => plan.filter((picture) => picture.kind === kind).map(({ path }) => path)
  const broken = (['truncated', 'wrong-extension', 'empty'] as const).flatMap((why) =>
    paths(why).map((path) => ({ path, why })),
  )
  return {
    files: sizes.length,
    bytes: sizes.reduce((sum, size) => sum + size, 0),
    referenced: plan.filter(({ subject, kind }) => subject !== undefined && kind === 'good').map(({ path }) => path),
    duplicates: duplicateGroups(plan),
    orphans: paths('orphan'),
    oversized: paths('oversized'),
    broken,
    missing: paths('missing'),
  }
}

function duplicateGroups(plan: readonly Picture[]): readonly (readonly string[])[] {
  const groups = new Map<string, string[]>()
  for (const { sameAs, path } of plan) {
    if (sameAs !== undefined) groups.set(sameAs, [...(groups.get(sameAs) ?? [sameAs]), path])
  }
  return [...groups.values()]
}

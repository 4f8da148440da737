import { isAbsolute, relative, sep } from 'node:path'
import { isTimeZone, misfitOf, ShopSettings, TillsafeError } from '../model/index.ts'
import type { Home } from './home.ts'

/** Throws `settings.invalid` unless a shop can work with these settings, in this home. */
export function checkSettings(settings: ShopSettings, home: Home): void {
  const misfit = misfitOf(ShopSettings, settings)
  if (misfit !== undefined) {
    throw new TillsafeError('settings.invalid', `the settings do not fit at ${misfit.path}: ${misfit.message}`)
  }
  if (!isTimeZone(settings.shop.timeZone)) {
    throw new TillsafeError('settings.invalid', `${settings.shop.timeZone} is not a time zone`)
  }
  requireApart(settings, home)
}

/**
 * A folder of images is copied and replaced as a whole: a database, backups or the home in it would be copied as images while
 * they change, and be replaced with them.
 */
export function requireApart({ workspaces, destinations }: ShopSettings, home: Home): void {
  const places = [
    ...workspaces.map(({ source }) => source.database),
    ...destinations.map(({ path }) => path),
    home.path,
  ]
  for (const { id, source } of workspaces) {
    const inside = source.images === undefined ? undefined : places.find((place) => isIn(place, source.images ?? ''))
    if (inside !== undefined) {
      throw new TillsafeError('settings.invalid', `${inside} lies in the images folder of ${id}, ${source.images}`, {
        hint: 'Name a folder that holds nothing but images, or leave the images out.',
      })
    }
  }
}

/** Whether a path is a folder, or lies in it. */
export function isIn(path: string, folder: string): boolean {
  const way = relative(folder, path)
  return way === '' || !(way === '..' || way.startsWith(`..${sep}`) || isAbsolute(way))
}

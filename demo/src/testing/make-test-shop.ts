import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createShop } from '../generator/create-shop.ts'
import type { MadeShop, ShopOptions } from '../generator/shop-options.ts'

/** A shop that goes away with its folder when it is disposed. */
export interface TestShop extends MadeShop, AsyncDisposable {}

/** A small shop in a fresh temporary folder, without pictures unless asked: for tests, here and in other packages. */
export async function makeTestShop(options: Partial<ShopOptions> = {}): Promise<TestShop> {
  const folder = options.folder ?? (await mkdtemp(join(tmpdir(), 'tillsafe-shop-')))
  const shop = await createShop({ seed: 1, days: 20, until: '2026-11-20', pictures: 0, ...options, folder })
  return { ...shop, [Symbol.asyncDispose]: () => rm(folder, { recursive: true, force: true }) }
}

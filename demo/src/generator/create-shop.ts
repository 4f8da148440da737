import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { addDays } from '../calendar/add-days.ts'
import { ShopTime } from '../calendar/shop-time.ts'
import { Random } from '../chance/random.ts'
import { beginBulk, endBulk } from '../database/bulk.ts'
import { Inserts } from '../database/inserts.ts'
import { openDatabase } from '../database/open-database.ts'
import type { PosDatabase } from '../database/pos-database.ts'
import { plantImages } from '../images/plant-images.ts'
import { drawCustomer } from '../people/draw-customer.ts'
import { REFERENCE_SQL } from '../schema/reference-sql.ts'
import { SCHEMA_VERSION } from '../schema/schema-version.ts'
import { writeFiscalKey } from '../till/fiscal-key.ts'
import type { Shop } from '../till/shop.ts'
import { seedCatalog } from './seed-catalog.ts'
import { seedEmployees } from './seed-employees.ts'
import { seedSettings } from './seed-settings.ts'
import type { MadeShop, ShopOptions } from './shop-options.ts'
import { tradeDays } from './trade-days.ts'

const TIME_ZONE = 'Europe/Paris'
const CUSTOMERS = 300
const PICTURES = 150

/**
 * Makes a shop that has been selling: the same seed, days and last day make the same rows, key and images.
 * The folder must not hold a shop yet.
 */
export async function createShop(options: ShopOptions): Promise<MadeShop> {
  const { folder, seed, journalMode = 'wal' } = options
  const databaseFile = join(folder, 'pos.db')
  const keyFile = join(folder, 'fiscal.key')
  const imagesFolder = join(folder, 'images')
  await mkdir(imagesFolder, { recursive: true })
  const random = new Random(`${seed}/seed`)
  const fiscalKey = { keyId: `demo-${seed}`, key: drawKey(random.fork('key')) }
  writeFiscalKey(keyFile, fiscalKey)
  const db = openNew(databaseFile, options)
  try {
    const shop: Shop = { db, inserts: new Inserts(db), time: new ShopTime(options.timeZone ?? TIME_ZONE), ...fiscalKey }
    seedShop(shop, random, options)
    const images = await plantImages(db, imagesFolder, random.fork('images'), options.pictures ?? PICTURES)
    await tradeDays(shop, options)
    const tickets = Number(db.prepare('SELECT count(*) FROM tickets').pluck().get())
    db.exec('ANALYZE')
    endBulk(db, databaseFile, journalMode)
    return { folder, databaseFile, imagesFolder, keyFile, tickets, images }
  } finally {
    db.close()
  }
}

function openNew(file: string, { databaseKey, pageSize = 4096 }: ShopOptions): PosDatabase {
  const db = openDatabase(file, { databaseKey, fileMustExist: false })
  if (databaseKey === undefined) db.pragma(`page_size = ${pageSize}`)
  beginBulk(db)
  db.exec(REFERENCE_SQL)
  db.pragma(`user_version = ${SCHEMA_VERSION}`)
  return db
}

/** Everything that is there before the first customer comes. */
function seedShop(shop: Shop, random: Random, { days, until, isInService = true }: ShopOptions): void {
  const at = shop.time.instant(addDays(until, 1 - days), 4 * 3600)
  shop.db.transaction(() => {
    seedSettings(shop, at, isInService)
    seedEmployees(shop, random, at)
    seedCatalog(shop, random, at)
    for (let no = 1; no <= CUSTOMERS; no += 1) {
      shop.inserts.into('customers', drawCustomer(random, no, shop.time.stamp(at)))
    }
  })()
}

function drawKey(random: Random): Uint8Array {
  return Uint8Array.from({ length: 32 }, () => random.below(256))
}

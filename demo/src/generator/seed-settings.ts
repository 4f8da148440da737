import { SCHEMA_VERSION } from '../schema/schema-version.ts'
import type { Shop } from '../till/shop.ts'

const COMPANY: Readonly<Record<string, string>> = {
  'company.legal_name': 'L’Atelier d’Éléonore SARL',
  'company.trade_name': "L'Atelier d'Éléonore",
  'company.siren': '732829320',
  'company.siret': '73282932000074',
  'company.vat_id': 'FR44732829320',
  'company.ape': '1071C',
  'company.address': '12, rue de la Clef',
  'company.postcode': '59000',
  'company.city': 'Lille',
  'company.country': 'FR',
  'company.fiscal_year_end': '12-31',
  'company.currency': 'EUR',
  'cash.rounding_cents': '5',
  'receipt.footer': 'Merci de votre visite ! À bientôt 🥖',
  'printer.port': 'usb:04b8:0202',
  'application.name': 'Comptoir',
  'application.version': '4.2.1',
}

/** The settings, and two registers that sell; a third one is only for trying things out. */
export function seedSettings(shop: Shop, at: number, isInService: boolean): void {
  const updatedAt = shop.time.stamp(at)
  const settings = {
    ...COMPANY,
    'schema.version': String(SCHEMA_VERSION),
    'shop.time_zone': shop.time.timeZone,
    'shop.in_service_since': isInService ? shop.time.date(at) : '',
  }
  for (const [key, value] of Object.entries(settings)) {
    shop.inserts.into('settings', { key, value, updated_at: updatedAt })
  }
  const isTest = isInService ? 0 : 1
  seedRegister(shop, { name: 'Caisse 1 – comptoir', kind: 'primary', serial: 'CPT-1-0001', is_test: isTest })
  seedRegister(shop, { name: 'Caisse 2 – salon', kind: 'secondary', serial: 'CPT-2-0001', is_test: isTest })
  seedRegister(shop, { name: 'Caisse d’essai', kind: 'secondary', serial: 'CPT-T-0001', is_test: 1 })
}

function seedRegister(shop: Shop, register: { name: string; kind: string; serial: string; is_test: number }): void {
  shop.inserts.into('registers', {
    ...register,
    device: `${register.serial} (10.0.0.${register.serial.codePointAt(4)})`,
    software_name: 'Comptoir',
    software_version: '4.2.1',
    fiscal_version: '4.2',
    certificate_ref: 'ATT-COMPTOIR-2026-017',
    opening_float: 15_000,
    active: 1,
  })
}

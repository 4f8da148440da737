import type { Random } from '../chance/random.ts'
import type { Row } from '../database/inserts.ts'

const FIRST =
  'Amélie André Aïcha Bérénice Cécile Clément Élodie Émile François Gaël Hélène Jérôme Kévin Léa Maël Noémie Océane Raphaël Sébastien Théo'
const LAST =
  "Dupont|Lefèbvre|Van den Broeck|D'Hondt|Müller|Nguyễn|Peeters|Józefowicz|Benoît|L’Hermitte|Gonçalves|De Smet|Ångström|Le Goff|Martin"
const STREETS = ['rue de la Clef', 'place du Théâtre', 'boulevard Louis XIV', 'rue d’Artois', "allée de l'Église"]
const CITIES = [
  ['59000', 'Lille'],
  ['59800', 'Lille'],
  ['59100', 'Roubaix'],
  ['59200', 'Tourcoing'],
  ['7500', 'Tournai'],
  ['59650', 'Villeneuve-d’Ascq'],
] as const
const FIRST_NAMES = FIRST.split(' ')
const LAST_NAMES = LAST.split('|')

/** A customer of the shop; one in ten is a company that pays later. */
export function drawCustomer(random: Random, no: number, createdAt: string): Row {
  const first = random.pick(FIRST_NAMES)
  const last = random.pick(LAST_NAMES)
  const isCompany = random.chance(0.1)
  const [postcode, city] = random.pick(CITIES)
  return {
    uid: random.uid(),
    account_number: `C${String(no).padStart(5, '0')}`,
    name: `${first} ${last}`,
    company: isCompany ? `${last} & Fils SARL` : null,
    vat_id: isCompany ? `FR${random.between(10, 99)}${random.between(300_000_000, 899_999_999)}` : null,
    email: random.chance(0.7) ? `client${no}@exemple.fr` : null,
    phone: random.chance(0.6)
      ? `+33 6 ${random.between(10, 99)} ${random.between(10, 99)} ${random.between(10, 99)} 00`
      : null,
    address: `${random.between(1, 180)}, ${random.pick(STREETS)}`,
    postcode,
    city,
    credit_limit: isCompany ? 50_000 : 0,
    balance: 0,
    loyalty_points: 0,
    note: random.chance(0.05) ? 'Allergique aux noix; "prévenir"\nla cuisine' : null,
    created_at: createdAt,
    updated_at: createdAt,
  }
}

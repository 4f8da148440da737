import type { DestinationSettings, EncryptionSettings, Instant, StoreKind } from '../model/index.ts'
import type { Shop } from './shop.ts'

/** What stands on the emergency kit. It holds the recovery key: for paper, for no log, no screen and no document. */
export interface EmergencyKit {
  readonly shop: { readonly id: string; readonly name: string; readonly timeZone: string }
  readonly madeAt: Instant
  /** The version of Tillsafe that made it. */
  readonly version: string
  /** As it is printed, and as it opens `recovery.age` and each vault. */
  readonly recoveryKey: string
  readonly workspaces: readonly KitWorkspace[]
  /** In the order of the settings. */
  readonly places: readonly KitPlace[]
}

/** One business on the kit: where its live data belongs. */
export interface KitWorkspace {
  readonly id: string
  readonly name: string
  readonly database: string
  readonly images?: string
  readonly encryption?: EncryptionSettings
}

/** A destination on the kit, and what lies there. */
export interface KitPlace {
  readonly name: string
  readonly kind: DestinationSettings['kind']
  readonly path: string
  readonly shelves: readonly { readonly workspace: string; readonly store: StoreKind }[]
}

/** The facts of a shop's emergency kit. */
export function emergencyKit(shop: Shop, version: string, madeAt: Instant): EmergencyKit {
  const { identity, settings, secrets } = shop
  const { name, timeZone } = settings.shop
  return {
    shop: { id: identity.id, name, timeZone },
    madeAt,
    version,
    recoveryKey: secrets.recoveryKey,
    workspaces: settings.workspaces.map(({ id, name: title, source: { database, images, encryption } }) => ({
      id,
      name: title,
      database,
      ...(images === undefined ? {} : { images }),
      ...(encryption && { encryption }),
    })),
    places: settings.destinations.map(({ name: place, kind, path }) => ({
      name: place,
      kind,
      path,
      shelves: settings.workspaces.flatMap(({ id, copies }) =>
        copies.filter(({ destination }) => destination === place).map(({ store }) => ({ workspace: id, store })),
      ),
    })),
  }
}

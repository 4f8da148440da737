import { type Label, TillsafeError } from '../model/index.ts'
import { backupKeys, labelEnding, TIER_FOLDERS } from './backup-names.ts'
import { hasCode } from './has-code.ts'
import { claimedId, decodeLabel, LABEL_FILE_BYTES } from './label-file.ts'
import { readObject } from './read-object.ts'
import type { StorePlace } from './store-place.ts'

/** A label file in the folders of a workspace. `stem` is its key without the ending. */
export type FoundLabel =
  | { readonly kind: 'own'; readonly stem: string; readonly label: Label }
  | { readonly kind: 'foreign'; readonly stem: string; readonly id: string; readonly shop: string }
  /** Signed by this shop for another of its workspaces: someone has moved it here. */
  | { readonly kind: 'of-another-workspace'; readonly stem: string; readonly id: string }
  | {
      readonly kind: 'unreadable'
      readonly stem: string
      readonly id: string | undefined
      readonly error: TillsafeError
    }

/** Every label of this store in the folders of the workspace. */
export async function* findLabels(place: StorePlace): AsyncIterable<FoundLabel> {
  const ending = labelEnding(place.ending)
  for (const folder of TIER_FOLDERS) {
    for await (const key of place.destination.list(`${place.workspace}/${folder}/`)) {
      const found = key.endsWith(ending) ? await readLabel(place, key.slice(0, -ending.length)) : undefined
      if (found !== undefined) {
        yield found
      }
    }
  }
}

/** Undefined when the label has been removed meanwhile. */
async function readLabel(place: StorePlace, stem: string): Promise<FoundLabel | undefined> {
  let bytes: Uint8Array = new Uint8Array()
  try {
    bytes = await readObject(place.destination, backupKeys(stem, place.ending).label, LABEL_FILE_BYTES)
    return judgeLabel(place, stem, bytes)
  } catch (error) {
    if (hasCode(error, 'object.missing')) {
      return undefined
    }
    if (!(error instanceof TillsafeError) || hasCode(error, 'destination.missing')) {
      throw error
    }
    return { kind: 'unreadable', stem, id: claimedId(bytes), error }
  }
}

/** Whose a label is. Errors: `backup.label-damaged`, `backup.label-newer`. */
export function judgeLabel(place: Pick<StorePlace, 'shop' | 'workspace'>, stem: string, bytes: Uint8Array): FoundLabel {
  const signed = decodeLabel(bytes, place.shop.publicKey)
  if (signed.kind === 'foreign') {
    return { ...signed, stem }
  }
  return signed.label.workspace.id === place.workspace
    ? { ...signed, stem }
    : { kind: 'of-another-workspace', stem, id: signed.label.id }
}

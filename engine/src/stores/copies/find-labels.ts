import { type Label, TillsafeError } from '../../model/index.ts'
import { hasCode } from '../has-code.ts'
import { claimedId, decodeLabel, LABEL_FILE_BYTES } from '../label-file.ts'
import type { CopiesPlace } from './copies-place.ts'
import { COPY_FOLDERS, copyKeys, LABEL_ENDING } from './copy-names.ts'
import { readObject } from './read-object.ts'

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

/** Every label in the folders of the workspace. */
export async function* findLabels(place: CopiesPlace): AsyncIterable<FoundLabel> {
  for (const folder of COPY_FOLDERS) {
    for await (const key of place.destination.list(`${place.workspace}/${folder}/`)) {
      const found = key.endsWith(LABEL_ENDING) ? await readLabel(place, key.slice(0, -LABEL_ENDING.length)) : undefined
      if (found !== undefined) {
        yield found
      }
    }
  }
}

/** Undefined when the label has been removed meanwhile. */
async function readLabel(place: CopiesPlace, stem: string): Promise<FoundLabel | undefined> {
  let bytes: Uint8Array = new Uint8Array()
  try {
    bytes = await readObject(place.destination, copyKeys(stem).label, LABEL_FILE_BYTES)
    return judged(place, stem, bytes)
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

function judged(place: CopiesPlace, stem: string, bytes: Uint8Array): FoundLabel {
  const signed = decodeLabel(bytes, place.shop.publicKey)
  if (signed.kind === 'foreign') {
    return { ...signed, stem }
  }
  return signed.label.workspace.id === place.workspace
    ? { ...signed, stem }
    : { kind: 'of-another-workspace', stem, id: signed.label.id }
}

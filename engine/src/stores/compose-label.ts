import { type Facts, type Heading, type ImagesMark, LABEL_VERSION, type Label, TillsafeError } from '../model/index.ts'

/** What has been written of a backup when only its label is missing. */
export interface WrittenBackup {
  readonly bytes: number
  readonly sha256: string
  readonly images: ImagesMark | undefined
  readonly problems: readonly string[]
}

/** What the sentences of a label are cut to. */
const SENTENCE_CHARACTERS = 1000

/** The label of a backup. Error: `backup.damaged` when what was written is not the database that was checked. */
export function composeLabel(heading: Heading, facts: Facts, written: WrittenBackup): Label {
  if (facts.database.sha256 !== written.sha256 || facts.database.bytes !== written.bytes) {
    throw new TillsafeError('backup.damaged', 'what was written is not the database that was checked', {
      hint: 'Try again; if it happens twice, check the disk and the memory of this machine.',
    })
  }
  return {
    kind: 'tillsafe.label',
    version: LABEL_VERSION,
    ...heading,
    ...facts,
    problems: [...facts.problems, ...written.problems].map((sentence) => sentence.slice(0, SENTENCE_CHARACTERS)),
    ...(written.images === undefined ? {} : { images: written.images }),
  }
}

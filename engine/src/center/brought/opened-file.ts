import type { TemporaryFolder } from '../../work/temporary-folder.ts'

/** What is being opened: where the person's file lies, and the plain copy of it that is looked into, if it was sealed. */
export interface OpenedFile {
  readonly file: string
  readonly plain: string
  readonly sealed: boolean
  readonly bytes: number
  readonly folder: TemporaryFolder
}

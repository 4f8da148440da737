import { readFile } from 'node:fs/promises'
import type { Static, TSchema } from 'typebox'
import { type ErrorCode, hasShape, misfitOf, TillsafeError } from '../model/index.ts'
import { hasErrorCode } from '../work/disk.ts'

/** Reads a JSON file of the home folder, checked against its schema. Undefined when there is no such file. */
export async function readJsonFile<S extends TSchema>(
  path: string,
  schema: S,
  code: ErrorCode,
): Promise<Static<S> | undefined> {
  const text = await readFile(path, 'utf8').catch((cause: unknown) => {
    if (hasErrorCode(cause, 'ENOENT', 'ENOTDIR')) {
      return undefined
    }
    throw new TillsafeError(code, `${path} can't be read`, { cause })
  })
  if (text === undefined) {
    return undefined
  }
  const value = parse(path, text, code)
  if (!hasShape(schema, value)) {
    const misfit = misfitOf(schema, value)
    throw new TillsafeError(code, `${path} does not fit at ${misfit?.path}: ${misfit?.message}`)
  }
  return value
}

function parse(path: string, text: string, code: ErrorCode): unknown {
  try {
    return JSON.parse(text)
  } catch (cause) {
    throw new TillsafeError(code, `${path} is not JSON`, { cause })
  }
}

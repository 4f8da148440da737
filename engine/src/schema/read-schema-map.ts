import { readFile } from 'node:fs/promises'
import { misfitOf, SchemaMap, TillsafeError } from '../model/index.ts'
import reference from './reference-pos.json' with { type: 'json' }

/** Reads a schema map: `reference` is the one that ships for the reference POS, anything else is the path of a file. */
export async function readSchemaMap(name: string): Promise<SchemaMap> {
  return name === 'reference' ? checkSchemaMap(reference, name) : checkSchemaMap(await readJson(name), name)
}

/** Throws `schema-map.invalid`, naming the place, when a value is not a schema map. */
function checkSchemaMap(value: unknown, name: string): SchemaMap {
  const misfit = misfitOf(SchemaMap, value)
  if (misfit !== undefined) {
    throw new TillsafeError(
      'schema-map.invalid',
      `the schema map ${name} does not fit at ${misfit.path}: ${misfit.message}`,
    )
  }
  return value as SchemaMap
}

async function readJson(path: string): Promise<unknown> {
  try {
    return JSON.parse(await readFile(path, 'utf8'))
  } catch (cause) {
    throw new TillsafeError('schema-map.invalid', `the schema map ${path} can't be read as JSON`, { cause })
  }
}

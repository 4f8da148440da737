import { spawnSync } from 'node:child_process'
import { readFileSync, writeFileSync } from 'node:fs'
import { stripTypeScriptTypes } from 'node:module'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'

/** The vault's driver over the built engine, as it is shipped (from sources, modules take twice as long to load), in a folder. */
export function builtDriver(folder: string): string {
  const root = join(import.meta.dirname, '..')
  if (
    spawnSync(process.execPath, [join(root, 'node_modules/typescript/bin/tsc'), '-b', 'engine'], { cwd: root })
      .status !== 0
  ) {
    throw new Error('the engine does not build')
  }
  const source = readFileSync(join(import.meta.dirname, 'vault-driver.ts'), 'utf8')
  const built = stripTypeScriptTypes(source).replaceAll(
    /'\.\.\/engine\/src\/(.*)\.ts'/g,
    (_, path: string) => `'${pathToFileURL(join(root, 'engine/dist', path))}.js'`,
  )
  const file = join(folder, 'driver.mjs')
  writeFileSync(file, built)
  return file
}

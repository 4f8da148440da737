import { createRequire } from 'node:module'

const require = createRequire(import.meta.url)

/** The library age-encryption, loaded when it is first needed: it takes 0.1 s, and most commands never seal anything. */
export function ageLibrary(): typeof import('age-encryption') {
  return require('age-encryption')
}

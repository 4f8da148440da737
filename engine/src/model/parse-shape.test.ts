import { describe, expect, test } from 'vitest'
import { hasShape, misfitOf } from './parse-shape.ts'
import { ShopSettings } from './settings.ts'

const settings = {
  kind: 'tillsafe.settings',
  version: 1,
  shop: { name: 'Café', country: 'BE', timeZone: 'Europe/Brussels' },
  workspaces: [
    {
      id: 'main',
      name: 'Main',
      kind: 'business',
      source: { engine: 'sqlite', database: '/till/pos.db' },
      copies: [{ destination: 'local', store: 'copies', retention: { rules: [] } }],
    },
  ],
  destinations: [{ name: 'local', kind: 'local', path: '/backups' }],
}

function changed(change: (copy: typeof settings) => void): unknown {
  const copy = structuredClone(settings)
  change(copy)
  return copy
}

describe('a value', () => {
  test('that has the shape has no misfit', () => {
    expect(hasShape(ShopSettings, settings)).toBe(true)
    expect(misfitOf(ShopSettings, settings)).toBeUndefined()
  })

  test.each<[string, (copy: typeof settings) => void]>([
    ['/shop/country', (copy) => Object.assign(copy.shop, { country: 'Belgium' })],
    ['/version', (copy) => Object.assign(copy, { version: 2 })],
    ['/workspaces/0/source/engine', (copy) => Object.assign(copy.workspaces[0]?.source ?? {}, { engine: 'dbase' })],
    ['/workspaces/0/id', (copy) => Object.assign(copy.workspaces[0] ?? {}, { id: '../up' })],
    ['/destinations', (copy) => Object.assign(copy, { destinations: [] })],
  ])('that does not fit is told where: %s', (path, change) => {
    const value = changed(change)
    expect(hasShape(ShopSettings, value)).toBe(false)
    expect(misfitOf(ShopSettings, value)).toMatchObject({ path, message: expect.stringMatching(/\w/) })
  })

  test.each([undefined, null, 3, 'text', [], {}])('%j does not fit, and says so', (value) => {
    expect(hasShape(ShopSettings, value)).toBe(false)
    expect(misfitOf(ShopSettings, value)?.message).toMatch(/\w/)
  })
})

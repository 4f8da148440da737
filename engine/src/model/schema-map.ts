import Type, { type Static } from 'typebox'

const Sql = Type.String({ minLength: 1, maxLength: 10_000 })
const Table = Type.String({ minLength: 1 })

/** The parts of a shop's data that a person can name and restore alone. */
export const SectionName = Type.Enum([
  'catalog',
  'employees',
  'settings',
  'register-layouts',
  'customers',
  'stock',
  'sales',
  'images',
])
export type SectionName = Static<typeof SectionName>

/** A column that names image files, relative to the images folder. */
export const ImageColumn = Type.Object(
  { table: Table, column: Type.String({ minLength: 1 }) },
  { additionalProperties: false },
)

/** Rows made to try the till out: the `where` is an SQL condition on the table. */
export const TestRows = Type.Object({ table: Table, where: Sql }, { additionalProperties: false })

/**
 * What a POS schema means, written without code. Every SQL text is one SELECT; it runs read-only on a checked copy.
 * `counters` give one number each; `fiscalPeriod` gives `from` and `to`; `chainHeads` gives the columns of ChainHead
 * (chain, register, lastSequence, headHash, count, perpetualTotal).
 */
export const SchemaMap = Type.Object(
  {
    $schema: Type.Optional(Type.String()),
    kind: Type.Literal('tillsafe.schema-map'),
    version: Type.Literal(1),
    name: Type.String({ minLength: 1 }),
    sections: Type.Array(
      Type.Object({ name: SectionName, tables: Type.Array(Table) }, { additionalProperties: false }),
    ),
    counters: Type.Object(
      {
        tickets: Type.Optional(Sql),
        closures: Type.Optional(Sql),
        auditEntries: Type.Optional(Sql),
        orders: Type.Optional(Sql),
        sessions: Type.Optional(Sql),
      },
      { additionalProperties: false },
    ),
    fiscalPeriod: Type.Optional(Sql),
    chainHeads: Type.Optional(Sql),
    applicationVersion: Type.Optional(Sql),
    images: Type.Array(ImageColumn),
    testData: Type.Array(TestRows),
  },
  { additionalProperties: false },
)
export type SchemaMap = Static<typeof SchemaMap>

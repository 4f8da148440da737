/** The version of the reference schema; also `PRAGMA user_version` and the setting `schema.version`. */
export const SCHEMA_VERSION = 1

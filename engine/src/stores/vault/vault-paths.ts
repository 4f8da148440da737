/** The names of what a backup holds in its vault: `images/…` lie beside them. */
export const LABEL_NAME = 'label.json'
/** In a folder of its own: the list of its many blobs is read only when the database is, not whenever a label is. */
export const DATABASE_FOLDER = 'database'
export const DATABASE_NAME = 'database.db'
export const SETTINGS_NAME = 'settings.json'
export const IMAGES_PREFIX = 'images/'

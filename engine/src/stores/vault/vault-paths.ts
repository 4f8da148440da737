/** The names of what a backup holds in its vault: `images/…` lie beside them. */
export const LABEL_NAME = 'label.json'
export const DATABASE_NAME = 'database.db'
export const SETTINGS_NAME = 'settings.json'
export const IMAGES_PREFIX = 'images/'

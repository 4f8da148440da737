import type { KnipConfig } from 'knip'

/** What must not be dead. `!` marks what is shipped: `knip --strict` looks at that alone, without tests and tools. */
const config: KnipConfig = {
  workspaces: {
    '.': {
      entry: ['e2e/**/{campaign,driver}.ts', 'e2e/archives/{corpora,mutate,zip64}.ts', 'bench/*.ts'],
      project: ['{tools,e2e,bench}/**/*.ts'],
      ignoreDependencies: ['@types/better-sqlite3'], // the workspaces declare the driver's types with it
      ignoreBinaries: [
        'age',
        'age-keygen',
        'borg',
        'gcc',
        'mkfs.ext4',
        'mount',
        'pdfinfo',
        'pdftoppm',
        'pdftotext',
        'perl',
        'restic',
        'script',
        'sqlcipher',
        'strace',
        'umount',
        'zbarimg',
      ], // tools/outside-tools.ts brings them
    },
    // A program that is started by its path has no import that leads to it. Those of tests are not shipped.
    engine: {
      entry: [
        'src/sources/sqlite/held-child.ts!',
        'src/sources/sqlite/pin-worker.ts!',
        'src/sources/sqlite/sqlite-child.ts!',
        'src/stores/archive/archive-child.ts!',
        'src/stores/vault/pool/vault-worker.ts!',
        'src/sources/sqlite/busy-writer-child.ts',
      ],
      project: ['src/**/*.ts!', '!src/sources/sqlite/busy-writer-child.ts!'],
    },
    demo: { entry: ['src/live/seller-child.ts!'] },
    app: {
      entry: ['src/main.ts!', 'src/story/run.ts!'],
      project: ['src/**/*.ts!', '!src/testing/**!'],
    },
  },
}

export default config

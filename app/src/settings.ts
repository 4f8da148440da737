import { readFileSync } from 'node:fs'
import { homedir } from 'node:os'
import { join } from 'node:path'

/** What the surroundings say to the program: the arguments, the environment, the terminal. They enter here only. */
export interface Settings {
  readonly args: readonly string[]
  /** The home folder unless `--home` names one. */
  readonly home: string
  /** IANA name of the machine's time zone. */
  readonly timeZone: string
  readonly version: string
  readonly input: NodeJS.ReadStream
  readonly output: NodeJS.WriteStream
  readonly errorOutput: NodeJS.WriteStream
  /** Whether a person sits there who can be asked. */
  readonly hasPerson: boolean
  /** Calls back each time when the person or the system asks us to stop. */
  onInterrupt(listener: () => void): void
  /** Ends the process once everything that was written is out. */
  exit(code: number): Promise<void>
}

export function readSettings(): Settings {
  const { argv, env, platform, stdin, stdout, stderr } = process
  stdout.on('error', ignoreClosedPipe)
  stderr.on('error', ignoreClosedPipe)
  return {
    args: argv.slice(2),
    home: env['TILLSAFE_HOME'] || dataFolder(platform, env),
    timeZone: Intl.DateTimeFormat().resolvedOptions().timeZone,
    version: readVersion(),
    input: stdin,
    output: stdout,
    errorOutput: stderr,
    hasPerson: stdin.isTTY === true && stderr.isTTY === true,
    onInterrupt(listener) {
      process.on('SIGINT', listener)
      process.on('SIGTERM', listener)
      process.on('SIGHUP', listener) // the terminal was closed
    },
    async exit(code) {
      await Promise.all([stdout, stderr].map(flushed))
      process.exit(code)
    },
  }
}

function dataFolder(platform: NodeJS.Platform, env: NodeJS.ProcessEnv): string {
  switch (platform) {
    case 'win32':
      return join(env['LOCALAPPDATA'] || join(homedir(), 'AppData', 'Local'), 'Tillsafe')
    case 'darwin':
      return join(homedir(), 'Library', 'Application Support', 'Tillsafe')
    default:
      return join(env['XDG_DATA_HOME'] || join(homedir(), '.local', 'share'), 'tillsafe')
  }
}

/** Beside this file's folder, as source or as what was built from it. */
function readVersion(): string {
  return JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')).version
}

/** Whoever reads us may stop reading: `tillsafe list | head -1`. */
function ignoreClosedPipe(error: NodeJS.ErrnoException): void {
  if (error.code !== 'EPIPE') {
    throw error
  }
}

function flushed(stream: NodeJS.WriteStream): Promise<void> {
  return new Promise((resolve) => {
    stream.write('', () => resolve())
  })
}

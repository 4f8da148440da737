import { isPrintable, pathToPrint } from './win-ansi.ts'

/** Whether a path is one of Windows: with a drive, or of a share. */
export function isWindowsPath(path: string): boolean {
  return /^[A-Za-z]:[\\/]|^\\\\/.test(path)
}

/**
 * A path as a word of a command, in quotes where it needs them: those of PowerShell for a path of Windows, else those of a
 * POSIX shell. There a character that the page can't print is a `?` outside the quotes, which the shell takes for any one.
 */
export function shellWord(path: string): string {
  if (isWindowsPath(path)) {
    return `'${pathToPrint(path).replaceAll("'", "''")}'`
  }
  return runsOf(path)
    .map((run) => (run === UNPRINTABLE ? '?' : quoted(run)))
    .join('')
}

/** Stands for a character that can't be printed; no path holds it. */
const UNPRINTABLE = '\0'

function runsOf(path: string): string[] {
  const known = Array.from(path, (character) => (isPrintable(character) ? character : UNPRINTABLE)).join('')
  return known.split(/(\0)/).filter((run) => run !== '')
}

function quoted(run: string): string {
  return /^[A-Za-z0-9_./:@%+,-]+$/.test(run) ? run : `'${run.replaceAll("'", `'\\''`)}'`
}

import { type ChildProcess, type SpawnOptions, spawn } from 'node:child_process'

/** A repository as stock restic sees it. */
export interface ResticRepository {
  readonly folder: string
  readonly password: string
}

/** What a run of stock restic came to. */
export interface ResticRun {
  /** None when a signal ended it. */
  readonly exitCode: number | null
  readonly stdout: Buffer
  readonly stderr: string
}

export interface ResticOptions {
  /** Where it works: paths given to `backup` may be relative. */
  readonly cwd?: string
  readonly stdin?: Uint8Array
}

/** Stock restic on a repository: what it prints, as text. Throws with its output when it fails. */
export async function restic(
  repository: ResticRepository,
  args: readonly string[],
  options: ResticOptions = {},
): Promise<string> {
  return (await resticBytes(repository, args, options)).toString()
}

/** As `restic`, for what is no text: `dump`, `cat blob`. */
export async function resticBytes(
  repository: ResticRepository,
  args: readonly string[],
  options: ResticOptions = {},
): Promise<Buffer> {
  const { exitCode, stdout, stderr } = await tryRestic(repository, args, options)
  if (exitCode !== 0) {
    throw new Error(`restic ${args.join(' ')}: exit code ${exitCode}\n${stdout}${stderr}`)
  }
  return stdout
}

/** As `restic`, for answers that are one JSON value: `cat config`, `snapshots --json`, `backup --json` has many (`resticLines`). */
export async function resticJson(
  repository: ResticRepository,
  args: readonly string[],
  options: ResticOptions = {},
): Promise<unknown> {
  return JSON.parse(await restic(repository, args, options))
}

/** As `restic`, for answers with a JSON value on each line: `ls --json`, `backup --json`. */
export async function resticLines(
  repository: ResticRepository,
  args: readonly string[],
  options: ResticOptions = {},
): Promise<readonly unknown[]> {
  const lines = (await restic(repository, args, options)).split('\n')
  return lines.filter((line) => line !== '').map((line): unknown => JSON.parse(line))
}

/** Runs stock restic to its end, whatever that is: for tests of its refusals. */
export async function tryRestic(
  repository: ResticRepository,
  args: readonly string[],
  options: ResticOptions = {},
): Promise<ResticRun> {
  const child = startRestic(repository, args, options)
  const ended = new Promise<number | null>((resolve, reject) => child.on('error', reject).on('close', resolve))
  child.stdin?.on('error', () => {}).end(options.stdin) // it may end without having read all of it
  const [exitCode, stdout, stderr] = await Promise.all([ended, allOf(child.stdout), allOf(child.stderr)])
  return { exitCode, stdout, stderr: stderr.toString() }
}

/**
 * Starts stock restic and leaves its pipes to the caller: `backup --stdin` holds its lock as long as the pipe is open.
 * Without a cache, so that what it says is about the repository alone.
 */
export function startRestic(
  { folder, password }: ResticRepository,
  args: readonly string[],
  options: Pick<SpawnOptions, 'cwd'> = {},
): ChildProcess {
  const env = { ...process.env, RESTIC_REPOSITORY: folder, RESTIC_PASSWORD: password, RESTIC_PROGRESS_FPS: '0.1' }
  return spawn('restic', ['--no-cache', ...args], { ...options, env, stdio: 'pipe' })
}

async function allOf(stream: NodeJS.ReadableStream | null): Promise<Buffer> {
  const chunks: Buffer[] = []
  for await (const chunk of stream ?? []) {
    chunks.push(Buffer.from(chunk))
  }
  return Buffer.concat(chunks)
}

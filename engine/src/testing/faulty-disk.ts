import type { FileHandle } from 'node:fs/promises'
import { type Disk, realDisk } from '../work/disk.ts'

/** Which call fails, and how: the `call`-th (1 is the first), only that one or every one from then on. */
export interface Fault {
  readonly call: number
  /** The operating system's code: `ENOSPC`, `EIO`, `EROFS` … */
  readonly code: string
  readonly lasts: 'once' | 'from-then-on'
}

/** One call that reached the disk. Those on an open file are named `file.write`, `file.sync` … */
export interface DiskCall {
  readonly name: string
  readonly path: string
}

/**
 * A disk that records its calls and fails at the chosen one. A fault that lasts is a pulled plug: what was done
 * before stays, and nothing more happens.
 */
export class FaultyDisk implements Disk {
  readonly calls: DiskCall[] = []
  readonly #disk: Disk
  readonly #fault: Fault | undefined

  constructor({ disk = realDisk, fault }: { disk?: Disk; fault?: Fault } = {}) {
    this.#disk = disk
    this.#fault = fault
  }

  /** Whether the chosen call was reached. */
  get failed(): boolean {
    return this.#fault !== undefined && this.calls.length >= this.#fault.call
  }

  async open(path: string, flags: string, mode?: number): Promise<FileHandle> {
    this.#pass('open', path)
    return this.#faultyFile(await this.#disk.open(path, flags, mode), path)
  }

  async link(existing: string, path: string): Promise<void> {
    this.#pass('link', path)
    await this.#disk.link(existing, path)
  }

  async rename(from: string, to: string): Promise<void> {
    this.#pass('rename', to)
    await this.#disk.rename(from, to)
  }

  async unlink(path: string): Promise<void> {
    this.#pass('unlink', path)
    await this.#disk.unlink(path)
  }

  async mkdir(path: string): Promise<void> {
    this.#pass('mkdir', path)
    await this.#disk.mkdir(path)
  }

  async rmdir(path: string): Promise<void> {
    this.#pass('rmdir', path)
    await this.#disk.rmdir(path)
  }

  async removeTree(path: string): Promise<void> {
    this.#pass('removeTree', path)
    await this.#disk.removeTree(path)
  }

  async readdir(path: string): Promise<string[]> {
    this.#pass('readdir', path)
    return await this.#disk.readdir(path)
  }

  async readlink(path: string): Promise<string> {
    this.#pass('readlink', path)
    return await this.#disk.readlink(path)
  }

  async stat(path: string): ReturnType<Disk['stat']> {
    this.#pass('stat', path)
    return await this.#disk.stat(path)
  }

  async syncFolder(path: string): Promise<void> {
    this.#pass('syncFolder', path)
    await this.#disk.syncFolder(path)
  }

  #pass(name: string, path: string): void {
    this.calls.push({ name, path })
    const fault = this.#fault
    const count = this.calls.length
    if (fault !== undefined && (fault.lasts === 'once' ? count === fault.call : count >= fault.call)) {
      throw Object.assign(new Error(`${fault.code}: made to fail, ${name} '${path}'`), {
        code: fault.code,
        syscall: name,
      })
    }
  }

  #faultyFile(file: FileHandle, path: string): FileHandle {
    return new Proxy(file, {
      get: (target, property) => {
        const value: unknown = Reflect.get(target, property, target)
        if (typeof value !== 'function') {
          return value
        }
        return async (...given: unknown[]): Promise<unknown> => {
          const isClose = property === 'close' || property === Symbol.asyncDispose
          if (isClose) {
            await Reflect.apply(value, target, given) // a close that fails has closed all the same
          }
          this.#pass(isClose ? 'file.close' : `file.${String(property)}`, path)
          return isClose ? undefined : await Reflect.apply(value, target, given)
        }
      },
    })
  }
}

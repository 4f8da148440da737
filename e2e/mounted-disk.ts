import { execFileSync, spawnSync } from 'node:child_process'
import { closeSync, ftruncateSync, mkdirSync, openSync, statfsSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout } from 'node:timers/promises'

/** The ioctl that shuts a file system down (ext4 and xfs), and what it then does with its journal: nothing. */
const SHUTDOWN = '0x8004587d'
const WITHOUT_LOG = 2

/** The file systems whose power can be cut. */
export type FileSystem = 'ext4' | 'xfs'

/** A disk of our own, mounted on a folder, on which faults can be made. */
export class MountedDisk implements Disposable {
  readonly folder: string
  readonly #image: string | undefined

  private constructor(folder: string, image: string | undefined) {
    this.folder = folder
    this.#image = image
  }

  /** A disk in memory with so many bytes (`1m`), and so many inodes. */
  static inMemory(folder: string, size: string, inodes = 0): MountedDisk {
    mkdirSync(folder, { recursive: true })
    execFileSync('mount', ['-t', 'tmpfs', '-o', `size=${size},nr_inodes=${inodes}`, 'tmpfs', folder])
    return new MountedDisk(folder, undefined)
  }

  /** A disk in an image file: the only kind that can be cut from its power. */
  static inImage(folder: string, image: string, bytes: number, fileSystem: FileSystem): MountedDisk {
    mkdirSync(folder, { recursive: true })
    const file = openSync(image, 'w')
    ftruncateSync(file, bytes)
    closeSync(file)
    execFileSync(`mkfs.${fileSystem}`, ['-q', image])
    return MountedDisk.ofImage(folder, image)
  }

  static ofImage(folder: string, image: string): MountedDisk {
    const disk = new MountedDisk(folder, image)
    disk.mount()
    return disk
  }

  mount(): void {
    execFileSync('mount', ['-o', 'loop', this.#image ?? '', this.folder])
  }

  /** Waits for processes that still have a file open there. */
  async unmountOnceIdle(): Promise<void> {
    for (let tries = 1; spawnSync('umount', [this.folder]).status !== 0; tries++) {
      if (tries === 100) {
        throw new Error(`${this.folder} stays busy`)
      }
      await setTimeout(50)
    }
  }

  makeReadOnly(): void {
    execFileSync('mount', ['-o', 'remount,ro', this.folder])
  }

  /** Writes until there is no room, but for `leave` bytes. */
  fill(leave = 0): void {
    const { bavail, bsize } = statfsSync(this.folder)
    writeFileSync(join(this.folder, 'ballast'), Buffer.alloc(Math.max(bavail * bsize - leave, 0)))
  }

  /** The power goes: what was not synced is lost, everything fails until the disk is mounted again. */
  cutPower(): void {
    const program = `open $f, '<', $ARGV[0] or die $!; $how = pack 'L', ${WITHOUT_LOG}; ioctl $f, ${SHUTDOWN}, $how or die $!`
    execFileSync('perl', ['-e', program, this.folder])
  }

  [Symbol.dispose](): void {
    execFileSync('umount', [this.folder])
  }
}

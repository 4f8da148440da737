import type { Stats } from 'node:fs'
import { type FileHandle, link, lstat, mkdir, open, readdir, readlink, rename, rmdir, unlink } from 'node:fs/promises'
import { platform } from 'node:os'
import { removeTree } from './remove-tree.ts'

/**
 * The calls that a disk can fail, in one place: what writes takes a Disk, so that a test can fail the n-th call.
 * Errors are those of the operating system (`code` ENOSPC, EIO, EROFS …).
 */
export interface Disk {
  open(path: string, flags: string, mode?: number): Promise<FileHandle>
  link(existing: string, path: string): Promise<void>
  rename(from: string, to: string): Promise<void>
  unlink(path: string): Promise<void>
  mkdir(path: string): Promise<void>
  rmdir(path: string): Promise<void>
  removeTree(path: string): Promise<void>
  readdir(path: string): Promise<string[]>
  readlink(path: string): Promise<string>
  stat(path: string): Promise<Stats>
  /** Makes the names in a folder last. Windows has no such call and needs none: NTFS journals names. */
  syncFolder(path: string): Promise<void>
}

/** The disk of this machine. */
export const realDisk: Disk = {
  open,
  link,
  rename,
  unlink,
  rmdir,
  readdir,
  readlink,
  stat: lstat,
  async mkdir(path) {
    await mkdir(path, { mode: 0o700 })
  },
  removeTree,
  async syncFolder(path) {
    if (platform() === 'win32') {
      return
    }
    await using folder = await open(path, 'r')
    await folder.sync()
  },
}

/** Whether an operating system error has one of these codes. */
export function hasErrorCode(error: unknown, ...codes: readonly string[]): boolean {
  return error instanceof Error && 'code' in error && typeof error.code === 'string' && codes.includes(error.code)
}

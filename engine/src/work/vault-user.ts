import { hostname, userInfo } from 'node:os'
import { kill, pid } from 'node:process'

/** Who works in a vault, as the locks there name it; and who else on this machine is still at work. */
export interface VaultUser {
  readonly hostname: string
  readonly username: string
  readonly pid: number
  /** Numbers of the user and the group; 0 where a system has none. */
  readonly uid: number
  readonly gid: number
  /** Whether a process of this machine runs. One that we may not look at does. */
  isAlive(pid: number): boolean
}

/** This process. */
export function vaultUser(): VaultUser {
  return { hostname: hostname(), ...thisUser(), pid, isAlive }
}

function thisUser(): Pick<VaultUser, 'username' | 'uid' | 'gid'> {
  try {
    const { username, uid, gid } = userInfo()
    return { username, uid: Math.max(uid, 0), gid: Math.max(gid, 0) }
  } catch {
    return { username: '', uid: 0, gid: 0 } // a user whom the system does not know by name
  }
}

function isAlive(pid: number): boolean {
  try {
    kill(pid, 0)
    return true
  } catch (error) {
    return !(error instanceof Error && 'code' in error && error.code === 'ESRCH')
  }
}

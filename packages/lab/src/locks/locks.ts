/**
 * flock files, such as `/var/lock/qemu-server/lock-100.conf`: waited for at most `timeoutMs` of lab time, then
 * `can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout`.
 */
export interface Locks {
  /**
   * Runs `action` while holding `path`. Not reentrant: whoever holds a path must not take it again within `action`.
   * `log` (tasks) gets `trying to acquire lock...` and ` OK` when it had to wait.
   */
  hold<T>(
    path: string,
    options: {
      node: string;
      timeoutMs?: number;
      shared?: boolean;
      log?: (line: string) => void;
      signal?: AbortSignal;
    },
    action: () => Promise<T>,
  ): Promise<T>;
  isHeld(node: string, path: string): boolean;
}

/** The flock of a guest's configuration. */
export function guestLockPath(kind: 'qemu' | 'lxc', vmid: number): string {
  return kind === 'qemu'
    ? `/var/lock/qemu-server/lock-${vmid}.conf`
    : `/run/lock/lxc/pve-config-${vmid}.lock`;
}

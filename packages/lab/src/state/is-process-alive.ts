import { readFileSync } from 'node:fs';

/**
 * Whether a process with this id runs. One that is dead but was never collected by its parent does not: in a container without an init, a lab that was
 * killed stays so for ever.
 */
export function isProcessAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
  } catch {
    return false;
  }
  return pid > 0 && !isZombie(pid);
}

/** By field 3 of /proc/PID/stat, behind the program's name in parentheses. */
function isZombie(pid: number): boolean {
  try {
    return /\) [ZX] [^)]*$/.test(readFileSync(`/proc/${pid}/stat`, 'utf8'));
  } catch {
    return false; // Not Linux.
  }
}

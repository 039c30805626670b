import type { Clock } from '../../clock/clock.js';
import { FileTree } from './files/file-tree.js';
import { baseImage } from './images/base-image.js';
import { programs } from './programs.js';
import { Machine } from './system/machine.js';
import { runInMachine } from './system/run-in-machine.js';

/**
 * Runs a script as the node would (a hook script): in a machine of its own that is forgotten afterwards, by the same interpreter as in simulated guests.
 * It sees nothing of the node, and changes nothing.
 */
export function runHostScript(
  host: { readonly clock: Clock; readonly random: () => number },
  script: Uint8Array,
  args: readonly string[],
  onOutput: (text: string) => void,
): Promise<{ code: number }> {
  const files = new FileTree(baseImage('debian 13').files, {}, () => Math.floor(host.clock.now() / 1000));
  files.write('/root/hook', Buffer.from(script).toString('latin1'), { mode: 0o755 });
  const machine = new Machine({
    clock: host.clock,
    files,
    random: host.random,
    programs,
    reply: () => undefined,
    hardware: {
      cpus: () => 1,
      memoryBytes: 2 ** 30,
      diskBytes: () => 2 ** 33,
      disks: () => [],
      format: () => {},
      nics: () => [],
    },
    power: () => {},
  });
  return runInMachine(machine, ['/root/hook', ...args], { unit: 'pvedaemon.service', onOutput });
}

import type { Machine } from './machine.js';
import type { Process } from './process.js';

/** Clock ticks a second, as in /proc/PID/stat. */
const ticks = 100;

/** What the kernel shows under /proc at this moment; undefined for what it does not. */
export function kernelFile(machine: Machine, path: string): string | undefined {
  const uptime = machine.uptimeSeconds();
  switch (path) {
    case '/proc/uptime':
      return `${uptime.toFixed(2)} ${(uptime * 0.9).toFixed(2)}\n`;
    case '/proc/mounts':
    case '/proc/self/mounts':
      return `/dev/sda1 / ext4 rw,relatime 0 0\n${mountLines(machine)}`;
    case '/proc/self/mountinfo':
      return '22 1 8:1 / / rw,relatime shared:1 - ext4 /dev/sda1 rw\n';
    case '/proc/meminfo': {
      const total = Math.floor(machine.parts.hardware.memoryBytes / 1024);
      return `MemTotal:       ${total} kB\nMemFree:        ${Math.floor(total * 0.7)} kB\nMemAvailable:   ${Math.floor(total * 0.8)} kB\nSwapTotal:      0 kB\nSwapFree:       0 kB\n`;
    }
    case '/proc/cpuinfo':
      return Array.from(
        { length: machine.parts.hardware.cpus() },
        (_, index) => `processor\t: ${index}\nmodel name\t: QEMU Virtual CPU version 2.5+\n\n`,
      ).join('');
    case '/proc/sys/kernel/hostname':
      return `${machine.hostname()}\n`;
    default: {
      const match = /^\/proc\/(\d+)\/(stat|cmdline|comm|status|environ)$/.exec(path);
      const process = match === null ? undefined : machine.processes.get(Number(match[1]));
      return process === undefined ? undefined : processFile(process, match?.[2] ?? '');
    }
  }
}

function mountLines(machine: Machine): string {
  return (machine.files.readIfThere('/run/mounts') ?? '')
    .split('\n')
    .flatMap((line) => {
      const match = /^(\S+) on (\S+) type (\S+) \((.*)\)$/.exec(line);
      return match === null ? [] : [`${match[1]} ${match[2]} ${match[3]} ${match[4]} 0 0\n`];
    })
    .join('');
}

function processFile(process: Process, name: string): string {
  const { pid, ppid, session } = process;
  switch (name) {
    case 'cmdline':
      return process.argv.map((arg) => `${arg}\0`).join('');
    case 'comm':
      return `${process.name.slice(0, 15)}\n`;
    case 'environ':
      return [...process.env].map(([key, value]) => `${key}=${value}\0`).join('');
    case 'status':
      return `Name:\t${process.name}\nState:\tS (sleeping)\nPid:\t${pid}\nPPid:\t${ppid}\nUid:\t${process.uid}\t${process.uid}\t${process.uid}\t${process.uid}\n`;
    default: {
      const begun = Math.floor(process.startedAtSeconds * ticks);
      return `${pid} (${process.name.slice(0, 15)}) S ${ppid} ${session} ${session} 0 -1 4194304 100 0 0 0 1 1 0 0 20 0 1 0 ${begun} 2621440 200 18446744073709551615\n`;
    }
  }
}

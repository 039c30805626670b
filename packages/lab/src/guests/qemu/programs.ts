import { execFile, spawn } from 'node:child_process';
import { constants } from 'node:fs';
import { access, readFile } from 'node:fs/promises';
import { delimiter, join } from 'node:path';
import { LabError } from '../../lab-error.js';

/** The programs that real guests need, and the Debian packages that hold them. */
const PROGRAMS = [
  ['qemu-system-x86_64', 'qemu-system-x86'],
  ['qemu-img', 'qemu-utils'],
] as const;

/** Checks that QEMU is there. @throws LabError `LAB_RUNTIME`, naming the packages to install. */
export async function requirePrograms(path: string = process.env.PATH ?? ''): Promise<void> {
  const missing: (readonly [string, string])[] = [];
  for (const [program, name] of PROGRAMS) {
    if (!(await isOnPath(program, path))) missing.push([program, name]);
  }
  if (missing.length === 0) return;
  throw new LabError(
    'LAB_RUNTIME',
    `real guests need ${missing.map(([program]) => program).join(' and ')}, which this machine does not have`,
    {
      hint: `Debian and Ubuntu: apt-get install ${missing.map(([, name]) => name).join(' ')}. Or use simulated guests, which need nothing.`,
    },
  );
}

/** Whether a program is on the path. */
export async function isOnPath(program: string, path: string = process.env.PATH ?? ''): Promise<boolean> {
  for (const directory of path.split(delimiter)) {
    try {
      await access(join(directory, program), constants.X_OK);
      return true;
    } catch {
      // Not here.
    }
  }
  return false;
}

/**
 * Runs a program to its end and yields its output. `onOutput` sees the output while it comes. Rejects with what it wrote to its error stream.
 */
export function runProgram(
  program: string,
  args: readonly string[],
  options: { onOutput?: (text: string) => void; signal?: AbortSignal } = {},
): Promise<string> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'], signal: options.signal });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      stdout += text;
      options.onOutput?.(text);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(stdout);
      else reject(new Error(stderr.trim() || `${program} ended with ${code}`));
    });
  });
}

/** How guests are run: by the processor's virtualisation, or by QEMU's translator. */
export type Accelerator = 'kvm' | 'tcg';

let found: Promise<Accelerator> | undefined;

/**
 * KVM where it really works, else TCG; found out once per process. A `/dev/kvm` alone proves nothing: some virtual machines have one that aborts QEMU or
 * hangs the guest. So the processor must announce virtualisation, and a short-lived QEMU with the host's CPU model must come up.
 * `PHOENIX_LAB_ACCELERATOR=kvm|tcg` decides instead.
 */
export function findAccelerator(): Promise<Accelerator> {
  const wanted = process.env.PHOENIX_LAB_ACCELERATOR;
  if (wanted === 'kvm' || wanted === 'tcg') return Promise.resolve(wanted);
  found ??= probeKvm().then((works) => (works ? 'kvm' : 'tcg'));
  return found;
}

async function probeKvm(): Promise<boolean> {
  try {
    await access('/dev/kvm', constants.R_OK | constants.W_OK);
    const flags = /^flags\s*:(.*)$/m.exec(await readFile('/proc/cpuinfo', 'utf8'))?.[1]?.split(/\s+/) ?? [];
    if (!flags.includes('vmx') && !flags.includes('svm')) return false;
  } catch {
    return false;
  }
  return new Promise((resolve) => {
    const args = [
      '-machine',
      'pc',
      '-accel',
      'kvm',
      '-cpu',
      'host',
      '-m',
      '32',
      '-nodefaults',
      '-display',
      'none',
      '-S',
      '-monitor',
      'stdio',
    ];
    const child = execFile('qemu-system-x86_64', args, { timeout: 5000, killSignal: 'SIGKILL' }, (error) =>
      resolve(error === null),
    );
    child.stdin?.end('quit\n');
  });
}

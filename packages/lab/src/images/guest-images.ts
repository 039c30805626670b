import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { homedir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { runProgram } from '../guests/qemu/programs.js';
import { LabError } from '../lab-error.js';

/** The images that the lab's own builder makes, by the names under which the image mirror serves them. */
export const GUEST_IMAGES = ['debian-lab.qcow2', 'debian-lab-bare.qcow2'] as const;

/**
 * The directory with the guest images, built now if it is not there: a small Debian with cloud-init, with and without the guest agent. A build takes about
 * a minute, needs root (or subordinate user ids), mmdebstrap and a Debian mirror; its result is kept under a name that depends on the builder's contents.
 *
 * @param options `out`: where images are kept (default `PHOENIX_GUEST_IMAGES` or the user's cache directory); `log`: gets a line per stage.
 * @throws LabError `LAB_RUNTIME` with what the builder said.
 */
export async function buildGuestImages(
  options: { out?: string; log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<string> {
  const args = options.out === undefined ? [] : ['--out', options.out];
  const child = spawn(process.execPath, [builderPath(), ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    ...(options.signal === undefined ? {} : { signal: options.signal }),
  });
  let directory = '';
  const said: string[] = [];
  child.stdout.setEncoding('utf8').on('data', (text: string) => {
    directory += text;
  });
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    for (const line of text.split('\n')) {
      if (line === '') continue;
      said.push(line);
      options.log?.(line);
    }
  });
  const code = await new Promise<number | null>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', resolve);
  });
  if (code !== 0) {
    throw new LabError(
      'LAB_RUNTIME',
      `the guest images could not be built: ${said.slice(-3).join(' ').trim()}`,
      {
        hint: 'Debian and Ubuntu: apt-get install mmdebstrap qemu-utils; then, as root: node packages/lab/images/build-image.mjs',
      },
    );
  }
  return directory.trim().split('\n').at(-1) ?? '';
}

/** The directory with the guest images where they have been built before; undefined otherwise. */
export async function findGuestImages(): Promise<string | undefined> {
  const cache =
    process.env.PHOENIX_GUEST_IMAGES ??
    join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'phoenix', 'guest-images');
  const key = await runProgram(process.execPath, [builderPath(), '--key']);
  const directory = join(cache, key.trim());
  return existsSync(join(directory, 'manifest.json')) ? directory : undefined;
}

/** The builder lies beside the package's `src` and `dist`. */
function builderPath(): string {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const path = join(folder, 'images', 'build-image.mjs');
    if (existsSync(path)) return path;
    if (folder === dirname(folder))
      throw new LabError('LAB_RUNTIME', 'the image builder is missing from this installation');
  }
}

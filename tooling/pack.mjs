import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { listPackages, root } from './workspace.mjs';

/**
 * Runs pnpm, the one that runs this script when there is one.
 * @param {string[]} args
 * @param {import('node:child_process').ExecFileSyncOptions} [options]
 */
export function pnpm(args, options = {}) {
  const running = process.env.npm_execpath;
  const [file, first] = running?.includes('pnpm')
    ? [process.execPath, [running]]
    : ['npx', ['-y', 'pnpm@10.34.9']];
  return execFileSync(file, [...first, ...args], {
    cwd: root,
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
    ...options,
  });
}

/**
 * Packs every package as it would be published (they must be built).
 * @param {string} destination an existing directory
 * @returns {Record<string, string>} package name to tarball path
 */
export function packAll(destination) {
  return Object.fromEntries(
    listPackages().map(({ folder, manifest }) => {
      const packed = JSON.parse(pnpm(['pack', '--json', '--pack-destination', destination], { cwd: folder }));
      return [manifest.name, join(destination, packed.filename.split('/').at(-1))];
    }),
  );
}

import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The repository's root directory. */
export const root = dirname(dirname(fileURLToPath(import.meta.url)));

/**
 * The workspace's packages in alphabetical order.
 * @param {string} [from] another checkout's root
 * @returns {{ name: string, folder: string, manifest: Record<string, any> }[]}
 */
export function listPackages(from = root) {
  return readdirSync(join(from, 'packages'))
    .sort()
    .map((name) => ({ name, folder: join(from, 'packages', name) }))
    .filter(({ folder }) => existsSync(join(folder, 'package.json')))
    .map((entry) => ({
      ...entry,
      manifest: JSON.parse(readFileSync(join(entry.folder, 'package.json'), 'utf8')),
    }));
}

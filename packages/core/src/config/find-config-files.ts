import { delimiter, resolve } from 'node:path';
import { PhoenixError } from '../errors/phoenix-error.js';

export interface FindConfigOptions {
  /** Files named by the user, `--config`. */
  readonly named?: readonly string[];
  readonly environment: Readonly<Record<string, string | undefined>>;
  readonly workingDirectory: string;
  readonly exists: (path: string) => boolean;
}

const SYSTEM_DIRECTORY = '/usr/local/phoenix_hypervisor/etc';
const PAIR = ['phoenix_vm_configs.json', 'phoenix_lxc_configs.json'];
const SINGLE = ['phoenix.yaml', 'phoenix.yml', 'phoenix.json', 'phoenix.jsonc'];

/**
 * The files that make the configuration, in this order of choice: those named; those in `PHOENIX_CONFIG` (several
 * separated as in PATH); `phoenix_vm_configs.json` with `phoenix_lxc_configs.json` in the working directory;
 * `phoenix.yaml`, `.yml`, `.json` or `.jsonc` there; the pair in `/usr/local/phoenix_hypervisor/etc`.
 *
 * @throws PhoenixError `PHOENIX_CONFIG_NOT_FOUND` when there is none.
 */
export function findConfigFiles(options: FindConfigOptions): readonly string[] {
  const { named = [], environment, workingDirectory, exists } = options;
  const fromEnvironment = (environment.PHOENIX_CONFIG ?? '').split(delimiter).filter((path) => path !== '');
  const given = named.length > 0 ? named : fromEnvironment;
  if (given.length > 0) return [...new Set(given)];
  const here = (name: string): string => resolve(workingDirectory, name);
  const single = SINGLE.map(here).find(exists);
  const candidates = [
    PAIR.map(here),
    single === undefined ? [] : [single],
    PAIR.map((name) => `${SYSTEM_DIRECTORY}/${name}`),
  ];
  const found = candidates.map((paths) => paths.filter(exists)).find((paths) => paths.length > 0);
  if (found !== undefined) return found;
  throw new PhoenixError({
    code: 'PHOENIX_CONFIG_NOT_FOUND',
    message: `No configuration was found: neither ${[...PAIR, ...SINGLE].join(', ')} in ${workingDirectory}, nor ${PAIR.join(' or ')} in ${SYSTEM_DIRECTORY}.`,
    hint: 'Name the file with --config or PHOENIX_CONFIG.',
  });
}

import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Lab } from '@phoenix/lab';
import { type RunOptions, type RunResult, runPhoenix } from './run-phoenix.js';

/** The first users' file, unchanged. */
export const FIRST_USERS: FirstUsers = JSON.parse(
  readFileSync(new URL('../../../examples/first-users/phoenix_vm_configs.json', import.meta.url), 'utf8'),
);

/** A configuration as it stands in a file, as far as the tests change it. */
export interface FirstUsers {
  vm_defaults: Record<string, unknown>;
  vms: Record<string, unknown>[];
}

/** A directory with a configuration, and `phoenix` run in it against a lab. */
export interface TestWorkspace {
  readonly directory: string;
  readonly writeConfig: (config: unknown) => void;
  readonly phoenix: (...args: readonly string[]) => Promise<RunResult>;
  readonly phoenixWith: (options: Partial<RunOptions>, ...args: readonly string[]) => Promise<RunResult>;
  readonly remove: () => void;
}

/** A new directory with the first users' file, connected to a lab where one is given. */
export function createWorkspace(lab?: Lab): TestWorkspace {
  const directory = mkdtempSync(join(tmpdir(), 'phoenix-cli-'));
  const env = lab === undefined ? {} : labEnvironment(lab);
  const writeConfig = (config: unknown) =>
    writeFileSync(join(directory, 'phoenix_vm_configs.json'), JSON.stringify(config, undefined, 2));
  writeConfig(FIRST_USERS);
  const phoenixWith = (options: Partial<RunOptions>, ...args: readonly string[]) =>
    runPhoenix(args, { cwd: directory, ...options, env: { ...env, ...options.env } });
  return {
    directory,
    writeConfig,
    phoenixWith,
    phoenix: (...args) => phoenixWith({}, ...args),
    remove: () => rmSync(directory, { recursive: true, force: true }),
  };
}

/** What a person exports to reach a lab. */
export function labEnvironment(lab: Lab): Record<string, string> {
  return {
    PHOENIX_PVE_URL: lab.url,
    PHOENIX_PVE_TOKEN: lab.token,
    PHOENIX_PVE_FINGERPRINT: lab.fingerprint,
    PHOENIX_IMAGE_MIRROR: lab.imageMirror ?? '',
  };
}

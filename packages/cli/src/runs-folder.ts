import { join } from 'node:path';
import { stateDirectory } from './state-directory.js';

/** Where the records of runs stand. */
export function runsFolder(env: Readonly<Record<string, string | undefined>>): string {
  return join(stateDirectory(env), 'runs');
}

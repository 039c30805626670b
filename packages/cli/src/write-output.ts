import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { CliError } from './cli-error.js';
import type { Context } from './context.js';

/**
 * Writes a file that was asked for. One that exists is left alone unless `force` says otherwise.
 * @throws {CliError} `CLI_FILE_EXISTS`, `CLI_FILE_UNWRITABLE`
 */
export async function writeOutput(
  context: Context,
  file: string,
  text: string,
  { force }: { readonly force: boolean },
): Promise<void> {
  try {
    await writeFile(resolve(context.cwd, file), text, { flag: force ? 'w' : 'wx' });
  } catch (cause) {
    if (cause instanceof Error && 'code' in cause && cause.code === 'EEXIST') {
      throw new CliError({
        code: 'CLI_FILE_EXISTS',
        exit: 'refused',
        message: `${file} exists already; it was left as it is.`,
        hint: 'Name another file, or overwrite it with --force.',
        cause,
      });
    }
    throw new CliError({
      code: 'CLI_FILE_UNWRITABLE',
      exit: 'missing',
      message: `${file} cannot be written: ${cause instanceof Error ? cause.message : String(cause)}.`,
      hint: 'Name a file in a directory that exists and that you may write to.',
      cause,
    });
  }
}

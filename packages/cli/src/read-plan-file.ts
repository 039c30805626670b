import { readFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { type Plan, planSchema } from '@phoenix/core';
import { CliError } from './cli-error.js';
import type { Context } from './context.js';

/**
 * Reads a plan that `phoenix plan --out` saved.
 * @throws {CliError} `CLI_PLAN_FILE` when it cannot be read or is something else
 */
export async function readPlanFile(context: Context, file: string): Promise<Plan> {
  const path = resolve(context.cwd, file);
  try {
    return planSchema.parse(JSON.parse(await readFile(path, 'utf8')));
  } catch (cause) {
    const missing = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT';
    throw new CliError({
      code: 'CLI_PLAN_FILE',
      exit: missing ? 'missing' : 'usage',
      message: missing
        ? `There is no plan file ${file}.`
        : `${file} is not a plan that this version of Phoenix saved.`,
      hint: 'Make one with `phoenix plan <id…> --out FILE`.',
      cause,
    });
  }
}

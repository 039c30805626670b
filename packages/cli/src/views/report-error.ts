import type { ConfigProblem } from '@phoenix/core';
import type { Context } from '../context.js';
import { EXIT_CODES, type ExitCodeName } from '../exit-codes.js';
import { isKnownError } from '../known-error.js';
import { createPalette, wantsColour } from './palette.js';
import { renderError, renderProblems } from './render-error.js';

/** Shows what ended a command: for people on stderr, with `--json` as one more object on stdout. */
export function reportError(
  error: unknown,
  context: Context,
  args: readonly string[],
  exit: ExitCodeName,
): void {
  const problems = problemsOf(error);
  if (args.includes('--json')) {
    const known = isKnownError(error);
    context.stdout.write(
      `${JSON.stringify({
        type: 'error',
        code: known ? error.code : 'PHOENIX_BUG',
        message: error instanceof Error ? error.message : String(error),
        ...(known && error.hint !== undefined ? { hint: error.hint } : {}),
        ...(problems.length === 0 ? {} : { problems }),
        ...(known || !(error instanceof Error) ? {} : { stack: error.stack }),
        exitCode: EXIT_CODES[exit].code,
      })}\n`,
    );
    return;
  }
  const option = args.includes('--no-color') ? false : undefined;
  const palette = createPalette(wantsColour({ env: context.env, option, output: context.stderr }));
  context.stderr.write(renderProblems(problems, palette) + renderError(error, palette));
}

function problemsOf(error: unknown): readonly ConfigProblem[] {
  if (!isKnownError(error) || !('details' in error)) return [];
  const { details } = error;
  return typeof details === 'object' &&
    details !== null &&
    'problems' in details &&
    Array.isArray(details.problems)
    ? details.problems
    : [];
}

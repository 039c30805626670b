import { PhoenixError } from '../errors/phoenix-error.js';
import type { ConfigProblem } from './config-problem.js';

/** The error that holds all problems of a configuration under `details.problems`; its message tells the first. At least one of them is an error. */
export function createConfigError(problems: readonly ConfigProblem[]): PhoenixError {
  const errors = problems.filter((problem) => problem.severity === 'error');
  const [first] = errors;
  const count = errors.length === 1 ? 'a problem' : `${errors.length} problems, the first`;
  const place =
    first === undefined ? '' : ` at ${first.file}:${first.line}:${first.column}: ${first.message}`;
  return new PhoenixError({
    code: 'PHOENIX_CONFIG',
    message: `The configuration has ${count}${place}`,
    hint: 'Nothing was touched. Correct the lines named and run again.',
    details: { problems },
  });
}

import { evaluateArithmetic } from '../shell/arithmetic.js';
import { Shell } from '../shell/shell.js';
import { evaluateTest } from '../shell/test-expression.js';
import type { Program } from '../system/process.js';
import { parseOptions } from './options.js';

/** The programs `test` and `[`, for those who do not go through a shell. */
export const testProgram: Program = async (process, args) => {
  const operands = process.name === '[' ? args.slice(0, -1) : args;
  const result = await evaluateTest(new Shell(process, process.name), operands);
  if ('error' in result) return process.fail(result.error, 2);
  return result.value ? 0 : 1;
};

/** The program `expr`. */
export const expr: Program = async (process, args) => {
  const { operands } = parseOptions(args.map((arg) => (/^-\d/.test(arg) ? ` ${arg}` : arg)));
  const [left = '', operator, right = ''] = operands.map((operand) => operand.trim());
  let value: string;
  if (operator === undefined) value = left;
  else if (operator === ':') {
    const match = new RegExp(`^(?:${right.replaceAll('\\(', '(').replaceAll('\\)', ')')})`).exec(left);
    value = match === null ? '0' : (match[1] ?? String(match[0].length));
  } else if (['=', '!=', '<', '>', '<=', '>='].includes(operator)) {
    const numeric = /^-?\d+$/.test(left) && /^-?\d+$/.test(right);
    const order = numeric ? Number(left) - Number(right) : left < right ? -1 : left > right ? 1 : 0;
    const results: Readonly<Record<string, boolean>> = {
      '=': order === 0,
      '!=': order !== 0,
      '<': order < 0,
      '>': order > 0,
      '<=': order <= 0,
      '>=': order >= 0,
    };
    value = results[operator] === true ? '1' : '0';
  } else value = String(evaluateArithmetic(operands.join(' '), { get: () => '0', set: () => {} }));
  await process.out(`${value}\n`);
  return value === '0' || value === '' ? 1 : 0;
};

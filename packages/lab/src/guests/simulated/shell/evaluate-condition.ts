import { evaluateArithmetic } from './arithmetic.js';
import { expandPattern, expandRegExp, expandText } from './expand.js';
import { patternToRegExp } from './pattern.js';
import { ScriptError } from './script-error.js';
import type { Shell } from './shell.js';
import type { Condition } from './syntax.js';
import { compareValues, testUnary } from './test-expression.js';

/** Evaluates `[[ … ]]`. */
export async function evaluateCondition(shell: Shell, condition: Condition): Promise<boolean> {
  switch (condition.kind) {
    case 'not':
      return !(await evaluateCondition(shell, condition.of));
    case 'and':
      return (await evaluateCondition(shell, condition.left)) && evaluateCondition(shell, condition.right);
    case 'or':
      return (await evaluateCondition(shell, condition.left)) || evaluateCondition(shell, condition.right);
    case 'unary':
      return testUnary(shell, condition.operator, await expandText(shell, condition.operand));
    case 'binary': {
      const left = await expandText(shell, condition.left);
      const { operator } = condition;
      if (operator === '=' || operator === '==' || operator === '!=') {
        const matches = patternToRegExp(await expandPattern(shell, condition.right)).test(left);
        return operator === '!=' ? !matches : matches;
      }
      if (operator === '=~') return matchRegExp(shell, left, await expandRegExp(shell, condition.right));
      const right = await expandText(shell, condition.right);
      if (/^-(eq|ne|lt|le|gt|ge)$/.test(operator)) {
        const number = (text: string) =>
          String(evaluateArithmetic(text === '' ? '0' : text, shell.arithmetic));
        return compareValues(shell, number(left), operator, number(right));
      }
      return compareValues(shell, left, operator, right);
    }
  }
}

function matchRegExp(shell: Shell, text: string, source: string): boolean {
  let expression: RegExp;
  try {
    expression = new RegExp(
      source
        .replaceAll('[[:space:]]', '\\s')
        .replaceAll('[[:digit:]]', '\\d')
        .replaceAll('[[:alnum:]]', '[A-Za-z0-9]')
        .replaceAll('[[:alpha:]]', '[A-Za-z]'),
    );
  } catch {
    throw new ScriptError(`[[: invalid regular expression: ${source}`);
  }
  const match = expression.exec(text);
  if (match !== null)
    shell.variables.setElements(
      'BASH_REMATCH',
      new Map(match.map((group, index) => [String(index), group ?? ''])),
    );
  return match !== null;
}

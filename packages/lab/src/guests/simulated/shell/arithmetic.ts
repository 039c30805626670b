import { ScriptError } from './script-error.js';

/** Reads and assigns variables of an arithmetic expression. */
export interface ArithmeticVariables {
  get(name: string): string;
  set(name: string, value: string): void;
}

const binary: readonly (readonly string[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<=', '>=', '<', '>'],
  ['<<', '>>'],
  ['+', '-'],
  ['*', '/', '%'],
  ['**'],
];
const assignments = ['=', '+=', '-=', '*=', '/=', '%=', '<<=', '>>=', '&=', '|=', '^='];

/** Evaluates `$((…))`. @throws ScriptError */
export function evaluateArithmetic(text: string, variables: ArithmeticVariables): number {
  const tokens =
    text.match(
      /0[xX][0-9a-fA-F]+|\d+#\w+|\d+|[A-Za-z_]\w*|<<=|>>=|\*\*|\+\+|--|[-+*/%&|^]=|<<|>>|<=|>=|==|!=|&&|\|\||[-+*/%<>=!~&|^?:(),]|\S/g,
    ) ?? [];
  let position = 0;
  const peek = () => tokens[position];
  const fail = (): never => {
    throw new ScriptError(`arithmetic expression: expecting primary: "${text}"`);
  };
  const number = (name: string): number => {
    const value = variables.get(name).trim();
    if (value === '') return 0;
    if (/^-?\d+$/.test(value) || /^0[xX]/.test(value)) return literal(value);
    return evaluateArithmetic(value, variables);
  };
  const comma = (): number => {
    let value = assignment();
    while (peek() === ',') {
      position += 1;
      value = assignment();
    }
    return value;
  };
  const assignment = (): number => {
    const name = peek() ?? '';
    const operator = tokens[position + 1] ?? '';
    if (!/^[A-Za-z_]/.test(name) || !assignments.includes(operator)) return conditional();
    position += 2;
    const right = assignment();
    const value = operator === '=' ? right : apply(operator.slice(0, -1), number(name), right);
    variables.set(name, String(value));
    return value;
  };
  const conditional = (): number => {
    const condition = level(0);
    if (peek() !== '?') return condition;
    position += 1;
    const yes = assignment();
    if (peek() !== ':') fail();
    position += 1;
    const no = assignment();
    return condition !== 0 ? yes : no;
  };
  const level = (depth: number): number => {
    const operators = binary[depth];
    if (operators === undefined) return unary();
    let left = level(depth + 1);
    for (;;) {
      const operator = peek() ?? '';
      if (!operators.includes(operator)) return left;
      position += 1;
      left = apply(operator, left, level(depth + 1));
    }
  };
  const unary = (): number => {
    const token = tokens[position] ?? fail();
    position += 1;
    if (token === '-') return -unary();
    if (token === '+') return unary();
    if (token === '!') return unary() === 0 ? 1 : 0;
    if (token === '~') return ~unary();
    if (token === '++' || token === '--') {
      const name = tokens[position] ?? fail();
      position += 1;
      const value = number(name) + (token === '++' ? 1 : -1);
      variables.set(name, String(value));
      return value;
    }
    if (token === '(') {
      const value = comma();
      if (peek() !== ')') fail();
      position += 1;
      return value;
    }
    if (/^\d/.test(token)) return literal(token);
    if (!/^[A-Za-z_]/.test(token)) return fail();
    const value = number(token);
    if (peek() === '++' || peek() === '--') {
      variables.set(token, String(value + (peek() === '++' ? 1 : -1)));
      position += 1;
    }
    return value;
  };
  if (tokens.length === 0) return 0;
  const value = comma();
  if (position < tokens.length) fail();
  return value;
}

function literal(token: string): number {
  const based = /^(\d+)#(\w+)$/.exec(token);
  if (based !== null) return Number.parseInt(based[2] ?? '', Number(based[1]));
  if (/^-?0[xX]/.test(token)) return Number.parseInt(token, 16);
  return /^-?0\d/.test(token) ? Number.parseInt(token, 8) : Number(token);
}

function apply(operator: string, left: number, right: number): number {
  if ((operator === '/' || operator === '%') && right === 0)
    throw new ScriptError('arithmetic expression: division by zero');
  switch (operator) {
    case '||':
      return left !== 0 || right !== 0 ? 1 : 0;
    case '&&':
      return left !== 0 && right !== 0 ? 1 : 0;
    case '|':
      return left | right;
    case '^':
      return left ^ right;
    case '&':
      return left & right;
    case '==':
      return left === right ? 1 : 0;
    case '!=':
      return left !== right ? 1 : 0;
    case '<=':
      return left <= right ? 1 : 0;
    case '>=':
      return left >= right ? 1 : 0;
    case '<':
      return left < right ? 1 : 0;
    case '>':
      return left > right ? 1 : 0;
    case '<<':
      return left << right;
    case '>>':
      return left >> right;
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      return Math.trunc(left / right);
    case '%':
      return left % right;
    default:
      return left ** right;
  }
}

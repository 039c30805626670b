import Handlebars from 'handlebars';
import { CloudinitError } from '../cloudinit-error.js';
import type { JsonObject, JsonValue } from '../seed.js';

/** Text with marks in place of values, and the values by mark. */
export interface MarkedText {
  readonly text: string;
  readonly values: ReadonlyMap<string, JsonValue>;
}

const CALL = 'phoenixMark';

/**
 * Renders a Handlebars template, with a mark (a short word) in place of every value of `{{…}}`. A value enters
 * only after the text was parsed, by `fillMarks` or `replaceMarks`, so that none can change the text's structure.
 * `{{{…}}}` inserts text as it is.
 *
 * Unknown variables are errors. The helpers are Handlebars' own and `json`, which yields an object or array whole.
 *
 * @throws CloudinitError `CLOUDINIT_TEMPLATE` with line and column.
 */
export function renderTemplate(
  template: { readonly path: string; readonly text: string },
  variables: JsonObject,
): MarkedText {
  const values = new Map<string, JsonValue>();
  // A word that the template does not hold, so that a mark cannot be written by hand.
  let word = 'PHX';
  while (template.text.includes(word) || JSON.stringify(variables).includes(word)) word += 'X';

  const environment = Handlebars.create();
  environment.registerHelper(CALL, (value: unknown, name: unknown, line: unknown, column: unknown) => {
    if (value === undefined && typeof name === 'string') {
      throw unknownVariable(template.path, name, Number(line), Number(column), Object.keys(variables));
    }
    if (value === null || value === undefined || value === '') return '';
    const mark = `${word}${values.size}Z`;
    values.set(mark, toJson(value));
    return mark;
  });
  environment.registerHelper('json', (value: unknown) => value);

  const source = template.text.replace(
    /__(HOSTNAME|USERNAME)__/g,
    (_, name: string) => `{{@root.${name.toLowerCase()}}}`,
  );
  try {
    const program = environment.parse(source);
    markMustaches(program.body);
    const render = environment.compile(program, { noEscape: true, strict: true });
    return { text: render(variables), values };
  } catch (cause) {
    if (cause instanceof CloudinitError) throw cause;
    throw templateError(template.path, cause, Object.keys(variables));
  }
}

function toJson(value: unknown): JsonValue {
  const json: JsonValue = JSON.parse(JSON.stringify(value));
  return json;
}

/** `{{x}}` becomes `{{{phoenixMark x}}}`, at any depth of blocks. */
function markMustaches(statements: hbs.AST.Statement[]): void {
  for (const [index, statement] of statements.entries()) {
    if (isMustache(statement) && statement.escaped) statements[index] = marked(statement);
    else if (isBlock(statement)) {
      for (const program of [statement.program, statement.inverse])
        if (program != null) markMustaches(program.body);
    }
  }
}

function isMustache(statement: hbs.AST.Statement): statement is hbs.AST.MustacheStatement {
  return statement.type === 'MustacheStatement';
}

function isBlock(statement: hbs.AST.Statement): statement is hbs.AST.BlockStatement {
  return statement.type === 'BlockStatement';
}

function isPath(path: hbs.AST.Expression): path is hbs.AST.PathExpression {
  return path.type === 'PathExpression';
}

function marked(statement: hbs.AST.MustacheStatement): hbs.AST.MustacheStatement {
  const { loc, params, hash, path } = statement;
  const isCall = params.length > 0 || (hash?.pairs?.length ?? 0) > 0;
  const value: hbs.AST.Expression | hbs.AST.SubExpression =
    isCall && isPath(path) ? { type: 'SubExpression', path, params, hash, loc } : path;
  const mark: hbs.AST.PathExpression = {
    type: 'PathExpression',
    data: false,
    depth: 0,
    parts: [CALL],
    original: CALL,
    loc,
  };
  // A plain variable is checked; what a helper yields is its own affair.
  const name = !isCall && isPath(path) ? literal(path.original, loc) : { type: 'NullLiteral', loc };
  return {
    ...statement,
    path: mark,
    params: [value, name, literal(loc.start.line, loc), literal(loc.start.column + 1, loc)],
    hash: { type: 'Hash', pairs: [], loc },
    escaped: false,
  };
}

function literal(value: string | number, loc: hbs.AST.SourceLocation): hbs.AST.Expression {
  const type = typeof value === 'string' ? 'StringLiteral' : 'NumberLiteral';
  const node: hbs.AST.Expression & { readonly value: string | number; readonly original: string | number } = {
    type,
    value,
    original: value,
    loc,
  };
  return node;
}

function unknownVariable(
  path: string,
  name: string,
  line: number,
  column: number,
  known: readonly string[],
): CloudinitError {
  return new CloudinitError({
    code: 'CLOUDINIT_TEMPLATE',
    message: `The template ${path}:${line}:${column} names the variable ${JSON.stringify(name)}, which is not known.`,
    hint: `Known are ${[...known].sort().join(', ')}.`,
    file: path,
    line,
    column,
  });
}

function templateError(path: string, cause: unknown, known: readonly string[]): CloudinitError {
  const message = cause instanceof Error ? cause.message : String(cause);
  const undefinedName = /^"(.+?)" not defined in .* - (\d+):(\d+)/s.exec(message);
  if (undefinedName !== null) {
    const [, name = '', line, column] = undefinedName;
    return unknownVariable(path, name, Number(line), Number(column) + 1, known);
  }
  const line = /line (\d+)/.exec(message)?.[1] ?? / - (\d+):\d+$/.exec(message)?.[1];
  return new CloudinitError({
    code: 'CLOUDINIT_TEMPLATE',
    message: `The template ${path}${line === undefined ? '' : `:${line}`} is not valid Handlebars: ${message.split('\n')[0]?.replace(/:$/, '')}.`,
    hint: 'Every {{#if}} and {{#each}} needs its {{/if}} and {{/each}}; write \\{{ where two braces are meant literally.',
    file: path,
    ...(line === undefined ? {} : { line: Number(line) }),
    cause,
  });
}

/** The text with every value in the place of its mark; for texts that are no YAML. */
export function replaceMarks({ text, values }: MarkedText): string {
  if (values.size === 0) return text;
  return text.replace(markPattern(values), (mark) => asText(values.get(mark) ?? null));
}

/** Parsed data with every value in the place of its mark. A text that is one mark and no more becomes the value itself. */
export function fillMarks(data: JsonValue, values: ReadonlyMap<string, JsonValue>): JsonValue {
  if (values.size === 0) return data;
  const pattern = markPattern(values);
  const fillText = (text: string): string =>
    text.replace(pattern, (mark) => asText(values.get(mark) ?? null));
  const fill = (value: JsonValue): JsonValue => {
    if (typeof value === 'string') {
      const whole = values.get(value.trim());
      return whole === undefined ? fillText(value) : whole;
    }
    if (isArray(value)) return value.map(fill);
    if (typeof value !== 'object' || value === null) return value;
    return Object.fromEntries(Object.entries(value).map(([key, entry]) => [fillText(key), fill(entry)]));
  };
  return fill(data);
}

function isArray(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}

function markPattern(values: ReadonlyMap<string, JsonValue>): RegExp {
  const word = /^PHX+/.exec([...values.keys()][0] ?? 'PHX')?.[0] ?? 'PHX';
  return new RegExp(`${word}\\d+Z`, 'g');
}

function asText(value: JsonValue): string {
  return typeof value === 'string' ? value : JSON.stringify(value);
}

import type { z } from 'zod';
import type { ConfigProblem } from './config-problem.js';
import { nearestName } from './nearest-name.js';

type Issue = z.core.$ZodIssue;

/** An issue of a schema whose alternatives are resolved: the one that the value comes nearest to. */
export interface FlatIssue {
  readonly code: Issue['code'];
  readonly path: readonly (string | number)[];
  readonly expected: string;
  /** Of `unrecognized_keys`. */
  readonly keys?: readonly string[];
  /** Of a closed list of words. */
  readonly choices?: readonly string[];
}

/** Resolves unions: alternatives that do not fit the kind of value at all yield to those that fit and differ inside. */
export function flattenIssues(
  issues: readonly Issue[],
  prefix: readonly PropertyKey[] = [],
): readonly FlatIssue[] {
  return issues.flatMap((issue): readonly FlatIssue[] => {
    const path = [...prefix, ...issue.path];
    if (issue.code === 'invalid_union' && issue.errors.length > 0) {
      const branches = issue.errors.map((branch) => flattenIssues(branch, path));
      const inside = branches
        .filter((branch) => branch.every((inner) => inner.path.length > path.length || !isKindIssue(inner)))
        .sort((left, right) => left.length - right.length)[0];
      if (inside !== undefined) return inside;
      const expected = branches.flat().filter((inner) => inner.path.length === path.length);
      return [
        {
          code: 'invalid_union',
          path: plainPath(path),
          expected: joinWords(expected.map((inner) => inner.expected)),
        },
      ];
    }
    return [
      {
        code: issue.code,
        path: plainPath(path),
        expected: expectation(issue),
        ...(issue.code === 'unrecognized_keys' ? { keys: issue.keys } : {}),
        ...(issue.code === 'invalid_value' ? { choices: issue.values.map(String) } : {}),
      },
    ];
  });
}

function isKindIssue(issue: FlatIssue): boolean {
  return issue.code === 'invalid_type' || issue.code === 'invalid_union';
}

function plainPath(path: readonly PropertyKey[]): readonly (string | number)[] {
  return path.map((step) => (typeof step === 'number' ? step : String(step)));
}

const KINDS: Readonly<Record<string, string>> = {
  array: 'an array',
  boolean: 'true or false',
  int: 'a whole number',
  null: 'null',
  number: 'a number',
  object: 'an object',
  record: 'an object',
  string: 'a text',
};

function expectation(issue: Issue): string {
  switch (issue.code) {
    case 'invalid_type':
      return KINDS[issue.expected] ?? issue.expected;
    case 'too_small':
      return `${measure(issue.origin)}at least ${issue.minimum}`;
    case 'too_big':
      return `${measure(issue.origin)}at most ${issue.maximum}`;
    case 'invalid_value':
      return issue.values.map((value) => JSON.stringify(value)).join(' or ');
    case 'invalid_format':
      return issue.format === 'url' ? 'a URL that begins with https:// or http://' : issue.message;
    case 'invalid_key':
      return issue.issues[0]?.message ?? 'another key';
    default:
      return issue.message;
  }
}

function measure(origin: string): string {
  if (origin === 'string') return 'a text whose length is ';
  if (origin === 'array') return 'an array whose length is ';
  return '';
}

function joinWords(words: readonly string[]): string {
  return [...new Set(words)].join(', or ');
}

/** The parts of a problem that an issue and the offending value give. */
export function describeIssue(
  issue: FlatIssue,
  value: unknown,
  missing: boolean,
): Pick<ConfigProblem, 'kind' | 'message' | 'expected' | 'got' | 'hint' | 'nearest'> {
  const key = issue.path.at(-1);
  const name = typeof key === 'number' ? `Item ${key + 1}` : JSON.stringify(key ?? 'The file');
  if (missing && issue.code !== 'invalid_key') {
    return { kind: 'missing-value', message: `The key ${name} is missing.`, expected: issue.expected };
  }
  if (issue.code === 'invalid_key') {
    return {
      kind: 'invalid-value',
      message: `The key ${name} is not valid here.`,
      expected: issue.expected,
      got: name,
    };
  }
  const got = showValue(value, issue.path);
  const nearest =
    typeof value === 'string' && issue.choices !== undefined ? nearestName(value, issue.choices) : undefined;
  const hint = nearest === undefined ? suggestion(issue, value) : undefined;
  return {
    kind: 'invalid-value',
    message: `${name} is not valid.`,
    expected: issue.expected,
    got,
    ...(nearest === undefined ? {} : { nearest }),
    ...(hint === undefined ? {} : { hint }),
  };
}

function suggestion(issue: FlatIssue, value: unknown): string | undefined {
  const key = issue.path.at(-1);
  if (typeof value === 'string') {
    // So the earliest files of the first users had it: flags of the container, not features.
    if (key === 'features' && /^[a-z_]+=\d(?:,[a-z_]+=\d)*$/.test(value))
      return `Flags of the container stand under "pct_options": ${JSON.stringify(value.split(','))}; "features" lists what is installed in it.`;
    if (key === 'ip' && /^\d+(?:\.\d+){3}$/.test(value))
      return `Add the prefix length, for example ${value}/24.`;
    if (key === 'name' && /[_ ]/.test(value))
      return `Host names take hyphens: ${JSON.stringify(value.replaceAll(/[_ ]+/g, '-'))}.`;
    if (issue.expected.includes('number') && /^-?\d+$/.test(value)) return `Write ${value} without quotes.`;
    if (issue.expected === 'true or false' && /^(?:true|yes|on|1)$/i.test(value))
      return 'Write true, without quotes.';
    if (issue.expected === 'true or false' && /^(?:false|no|off|0)$/i.test(value))
      return 'Write false, without quotes.';
  }
  if (issue.expected === 'true or false' && (value === 0 || value === 1)) return `Write ${value === 1}.`;
  if (issue.expected === 'a text' && typeof value === 'number') return `Write "${value}", in quotes.`;
  if (issue.expected === 'an array' && typeof value === 'string') return `Write [${JSON.stringify(value)}].`;
  return undefined;
}

/** Keys whose values are never shown. */
const PRIVATE_KEYS = new Set(['password', '$secret', 'token', 'secret', 'options']);

function showValue(value: unknown, path: readonly (string | number)[]): string {
  const isPrivate = path.some((step) => typeof step === 'string' && PRIVATE_KEYS.has(step));
  if (isPrivate || (typeof value === 'string' && value.includes('PRIVATE KEY'))) {
    return typeof value === 'string' ? `a text of ${value.length} characters` : kindOf(value);
  }
  if (typeof value === 'object' && value !== null) return kindOf(value);
  const shown = JSON.stringify(value) ?? 'nothing';
  return shown.length > 80 ? `${shown.slice(0, 77)}…` : shown;
}

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return value.length === 0 ? 'an empty array' : 'an array';
  if (typeof value === 'object' && value !== null)
    return Object.keys(value).length === 0 ? 'an empty object' : 'an object';
  return typeof value;
}

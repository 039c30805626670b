import type { z } from 'zod';
import { findSecrets, replaceSecrets } from './secret-references.js';

/** One thing wrong with options. */
export interface OptionProblem {
  readonly path: readonly (string | number)[];
  /** What was expected, as the schema says it. */
  readonly expected: string;
  /** What stands there, as JSON, shortened. */
  readonly got: string;
  /** A key that the schema does not know, with what it does know. */
  readonly unknownKey?: string;
}

export type ParsedOptions =
  | { readonly kind: 'valid'; readonly options: unknown }
  | { readonly kind: 'invalid'; readonly problems: readonly OptionProblem[] };

/**
 * Checks declared options against a feature's schema. Secret references count as strings whose value is not known
 * yet: what the schema finds wrong about them is left to the run, which checks again with the values.
 */
export function parseOptions(schema: z.ZodType, declared: unknown): ParsedOptions {
  const secrets = findSecrets(declared);
  const result = schema.safeParse(replaceSecrets(declared, (reference) => `secret ${reference}`));
  if (result.success) return { kind: 'valid', options: result.data };
  const problems = result.error.issues
    .filter((issue) => !secrets.some(({ path }) => path.every((part, index) => issue.path[index] === part)))
    .flatMap((issue) => describeIssue(issue, declared));
  return problems.length > 0 ? { kind: 'invalid', problems } : { kind: 'valid', options: declared };
}

function describeIssue(issue: z.core.$ZodIssue, declared: unknown): OptionProblem[] {
  const path = issue.path.filter((part) => typeof part !== 'symbol');
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({
      path: [...path, key],
      expected: 'no such option',
      got: show(valueAt(declared, [...path, key])),
      unknownKey: key,
    }));
  }
  return [{ path, expected: expectation(issue), got: show(valueAt(declared, path)) }];
}

function expectation(issue: z.core.$ZodIssue): string {
  if (issue.code === 'invalid_type') return `a value of type ${issue.expected}`;
  if (issue.code === 'invalid_value')
    return `one of ${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
  // A pack's own message may begin as ours does.
  return issue.message.replace(/^(Invalid input: |Too (small|big): )?expected /, '');
}

function valueAt(value: unknown, path: readonly (string | number)[]): unknown {
  let current: unknown = value;
  for (const part of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.entries(current).find(([key]) => key === String(part))?.[1];
  }
  return current;
}

function show(value: unknown): string {
  if (value === undefined) return 'nothing';
  const text = JSON.stringify(value) ?? String(value);
  return text.length > 60 ? `${text.slice(0, 57)}…` : text;
}

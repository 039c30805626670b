import type { z } from 'zod';
import type { ConfigProblem } from './config-problem.js';
import { describeIssue, type FlatIssue, flattenIssues } from './describe-issue.js';
import { knownKeysAt } from './json-schema.js';
import { legacyKeyHint } from './legacy-keys.js';
import { nearestName } from './nearest-name.js';
import {
  locate,
  locateKey,
  type NodePath,
  nodeAt,
  type SourceNode,
  toPlainValue,
} from './source/source-node.js';

export interface ValidateOptions {
  /** Where the node stands in its file, for paths and for the names of known keys: `['vms', 3]`. */
  readonly path: NodePath;
  /** Unknown keys are errors. */
  readonly strict: boolean;
}

export interface Validated<T> {
  /** Absent when there is an error. */
  readonly value?: T;
  readonly problems: readonly ConfigProblem[];
}

/**
 * Checks a tree against a schema and reports every problem with its place. Unknown keys are reported and left out
 * of the value; keys of earlier tools are reported as ignored.
 */
export function validateNode<Schema extends z.ZodType>(
  schema: Schema,
  node: SourceNode,
  options: ValidateOptions,
): Validated<z.output<Schema>> {
  const problems: ConfigProblem[] = [];
  const plain = toPlainValue(node);
  for (;;) {
    const result = schema.safeParse(plain);
    if (result.success) return { value: result.data, problems };
    const issues = flattenIssues(result.error.issues);
    const unknown = issues.flatMap((issue) =>
      issue.code === 'unrecognized_keys' ? (issue.keys ?? []).map((key) => [...issue.path, key]) : [],
    );
    if (unknown.length === 0) {
      for (const issue of issues) problems.push(placeIssue(issue, node, plain, options.path));
      return { problems };
    }
    for (const path of unknown) {
      problems.push(describeUnknownKey(node, path, options));
      removeAt(plain, path);
    }
  }
}

function placeIssue(issue: FlatIssue, node: SourceNode, plain: unknown, prefix: NodePath): ConfigProblem {
  const missing = nodeAt(node, issue.path) === undefined;
  const place = issue.code === 'invalid_key' ? locateKey(node, issue.path) : locate(node, issue.path);
  return {
    ...place,
    severity: 'error',
    path: [...prefix, ...issue.path],
    ...describeIssue(issue, valueAt(plain, issue.path), missing),
  };
}

function describeUnknownKey(node: SourceNode, path: NodePath, options: ValidateOptions): ConfigProblem {
  const key = String(path.at(-1));
  const full = [...options.path, ...path];
  const common = { ...locateKey(node, path), path: full };
  const legacy = legacyKeyHint(key);
  if (legacy !== undefined) {
    return {
      ...common,
      severity: 'warning',
      kind: 'ignored-key',
      message: `The key ${JSON.stringify(key)} is not acted on.`,
      hint: legacy,
    };
  }
  const parent = full.slice(0, -1);
  const known = knownKeysAt(parent);
  const nearest = nearestName(key, known);
  const owner = known.find((candidate) => knownKeysAt([...parent, candidate]).includes(key));
  return {
    ...common,
    severity: options.strict ? 'error' : 'warning',
    kind: 'unknown-key',
    message: `The key ${JSON.stringify(key)} is not known.`,
    ...(owner === undefined ? {} : { hint: `It belongs under ${JSON.stringify(owner)}.` }),
    ...(nearest === undefined || owner !== undefined ? {} : { nearest }),
  };
}

function valueAt(value: unknown, path: NodePath): unknown {
  let current = value;
  for (const step of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = Object.hasOwn(current, step) ? Reflect.get(current, step) : undefined;
  }
  return current;
}

function removeAt(value: unknown, path: NodePath): void {
  const parent = valueAt(value, path.slice(0, -1));
  if (typeof parent === 'object' && parent !== null) Reflect.deleteProperty(parent, path.at(-1) ?? '');
}

import { isAlias, isMap, isScalar, isSeq, type Node, parseDocument } from 'yaml';
import type { ConfigProblem } from '../config-problem.js';
import { MAXIMUM_DEPTH, type ParsedSource } from './parse-json.js';
import { mergeNodes, type NodePath, type ObjectEntry, type SourceNode } from './source-node.js';
import { positionAt, type SourceText } from './source-text.js';

/** Nodes that a file may grow to through its aliases. */
const MAXIMUM_NODES = 200_000;

/** Reads YAML 1.2 (core schema) with anchors, aliases and merge keys (`<<`). */
export function parseYaml(source: SourceText): ParsedSource {
  const document = parseDocument(source.text, {
    prettyErrors: false,
    merge: false,
    uniqueKeys: false,
    version: '1.2',
  });
  const problems: ConfigProblem[] = [];
  const report = (
    offset: number,
    message: string,
    path: NodePath = [],
    kind: ConfigProblem['kind'] = 'syntax',
  ): void => {
    problems.push({ ...positionAt(source, offset), severity: 'error', kind, path, message });
  };
  for (const error of document.errors) report(error.pos[0], sentence(error.message));
  if (problems.length > 0) return { problems };

  let budget = MAXIMUM_NODES;

  const convert = (node: Node | null, at: number, path: NodePath): SourceNode => {
    budget -= 1;
    const offset = node?.range?.[0] ?? at;
    if (budget < 0 || path.length > MAXIMUM_DEPTH) {
      if (problems.length === 0)
        report(offset, 'The file grows too large or too deep through its aliases.', path);
      return { kind: 'scalar', source, offset, value: null };
    }
    if (node === null) return { kind: 'scalar', source, offset, value: null };
    if (isAlias(node)) {
      const target = node.resolve(document);
      if (target === undefined) {
        report(offset, `The alias *${node.source} has no anchor.`, path);
        return { kind: 'scalar', source, offset, value: null };
      }
      return convert(target, offset, [...path, '*']);
    }
    if (isSeq<Node | null>(node)) {
      return {
        kind: 'array',
        source,
        offset,
        items: node.items.map((item, index) => convert(item, offset, [...path, index])),
      };
    }
    if (isMap<Node, Node | null>(node)) {
      const entries = new Map<string, ObjectEntry>();
      let merged: SourceNode | undefined;
      for (const pair of node.items) {
        const keyOffset = pair.key.range?.[0] ?? offset;
        if (!isScalar(pair.key)) {
          report(keyOffset, 'A key must be a plain word.', path);
          continue;
        }
        const key = String(pair.key.value);
        const value = convert(pair.value, keyOffset, [...path, key]);
        if (key === '<<' && pair.key.type === 'PLAIN') {
          for (const part of value.kind === 'array' ? value.items : [value]) {
            if (part.kind !== 'object')
              report(keyOffset, 'The merge key << takes an alias of an object.', path);
            else merged = merged === undefined ? part : mergeShallow(part, merged);
          }
          continue;
        }
        const earlier = entries.get(key);
        if (earlier !== undefined) {
          const { line, column } = positionAt(source, earlier.key.offset);
          report(
            keyOffset,
            `The key ${JSON.stringify(key)} stands here and at ${line}:${column}.`,
            [...path, key],
            'duplicate',
          );
        }
        entries.set(key, { key: { source, offset: keyOffset }, value });
      }
      const own: SourceNode = { kind: 'object', source, offset, entries };
      return merged === undefined ? own : mergeShallow(merged, own);
    }
    const value = isScalar(node) ? node.value : null;
    if (
      value === null ||
      typeof value === 'string' ||
      typeof value === 'number' ||
      typeof value === 'boolean'
    ) {
      return { kind: 'scalar', source, offset, value };
    }
    return { kind: 'scalar', source, offset, value: String(value) };
  };

  if (document.contents === null) {
    report(0, 'The file is empty.');
    return { problems };
  }
  const root = convert(document.contents, 0, []);
  return { root, problems };
}

/** YAML's merge key takes whole values, unlike the merge of defaults. */
function mergeShallow(below: SourceNode, above: SourceNode): SourceNode {
  if (below.kind !== 'object' || above.kind !== 'object') return mergeNodes(below, above);
  return { ...above, entries: new Map([...below.entries, ...above.entries]) };
}

function sentence(message: string): string {
  const first = message.split('\n')[0] ?? message;
  return /[.!?]$/.test(first) ? first : `${first}.`;
}

import type { SourcePosition } from '../config-problem.js';
import { positionAt, type SourceText } from './source-text.js';

interface Located {
  readonly source: SourceText;
  readonly offset: number;
}

export interface ScalarNode extends Located {
  readonly kind: 'scalar';
  readonly value: string | number | boolean | null;
}

export interface ArrayNode extends Located {
  readonly kind: 'array';
  readonly items: readonly SourceNode[];
}

export interface ObjectEntry {
  /** The place of the key. */
  readonly key: Located;
  readonly value: SourceNode;
}

export interface ObjectNode extends Located {
  readonly kind: 'object';
  readonly entries: ReadonlyMap<string, ObjectEntry>;
}

/** A value of a configuration file that knows where it stands; nodes of several files may be joined in one tree. */
export type SourceNode = ScalarNode | ArrayNode | ObjectNode;

export type NodePath = readonly (string | number)[];

export function positionOf(place: Located): SourcePosition {
  return positionAt(place.source, place.offset);
}

/**
 * The plain value of a tree. Entries of objects whose value is `null` are left out: null means "as if not
 * written", also where a default stands.
 */
export function toPlainValue(node: SourceNode): unknown {
  switch (node.kind) {
    case 'scalar':
      return node.value;
    case 'array':
      return node.items.map(toPlainValue);
    case 'object': {
      const plain: Record<string, unknown> = {};
      for (const [key, entry] of node.entries) {
        if (entry.value.kind === 'scalar' && entry.value.value === null) continue;
        // Not an assignment: a key may be called __proto__.
        Object.defineProperty(plain, key, {
          value: toPlainValue(entry.value),
          enumerable: true,
          configurable: true,
          writable: true,
        });
      }
      return plain;
    }
  }
}

/** The node that a path leads to, if it is there. */
export function nodeAt(root: SourceNode, path: NodePath): SourceNode | undefined {
  let node: SourceNode | undefined = root;
  for (const step of path) {
    if (node?.kind === 'object') node = node.entries.get(String(step))?.value;
    else if (node?.kind === 'array' && typeof step === 'number') node = node.items[step];
    else return undefined;
  }
  return node;
}

/** Where a path stands: its value, or else the nearest thing around it that is there. */
export function locate(root: SourceNode, path: NodePath): SourcePosition {
  for (let length = path.length; length > 0; length -= 1) {
    const node = nodeAt(root, path.slice(0, length));
    if (node !== undefined) return positionOf(node);
  }
  return positionOf(root);
}

/** Where the key that ends a path stands; the value's place for items of arrays. */
export function locateKey(root: SourceNode, path: NodePath): SourcePosition {
  const parent = nodeAt(root, path.slice(0, -1));
  const last = path.at(-1);
  const entry =
    parent?.kind === 'object' && last !== undefined ? parent.entries.get(String(last)) : undefined;
  return entry === undefined ? locate(root, path) : positionOf(entry.key);
}

/** The same object without some of its keys. */
export function withoutKeys(node: ObjectNode, keys: readonly string[]): ObjectNode {
  const entries = new Map(node.entries);
  for (const key of keys) entries.delete(key);
  return { ...node, entries };
}

/**
 * Lays an object over its defaults: objects key by key, at any depth; everything else, arrays too, replaces
 * what stands below it. Every value keeps its own place.
 */
export function mergeNodes(below: SourceNode, above: SourceNode): SourceNode {
  if (below.kind !== 'object' || above.kind !== 'object') return above;
  const entries = new Map<string, ObjectEntry>();
  for (const [key, entry] of below.entries) if (!above.entries.has(key)) entries.set(key, entry);
  for (const [key, entry] of above.entries) {
    const inherited = below.entries.get(key);
    entries.set(
      key,
      inherited === undefined ? entry : { key: entry.key, value: mergeNodes(inherited.value, entry.value) },
    );
  }
  return { ...above, entries };
}

import type { JsonObject, JsonValue } from '../../state/json.js';
import type { FileChanges, FileNode } from './files/file-node.js';

/** What a simulated disk holds: which image it came from, and what a guest has changed since. Plain JSON in the lab's state. */
export interface DiskRecord {
  format: 'raw' | 'qcow2' | 'vmdk' | 'subvol';
  sizeBytes: number;
  backingPath?: string;
  /** What a guest has formatted it as. */
  filesystem?: string;
  /** The label of the image (`ubuntu 24.04`), or what was made of its size; undefined for an empty disk. */
  image?: string;
  changes: FileChanges;
  snapshots: Record<string, { sizeBytes: number; image?: string; changes: FileChanges }>;
}

/** Reads a record out of the state; undefined when there is none. */
export function readDiskRecord(value: JsonValue | undefined): DiskRecord | undefined {
  if (!isObject(value)) return undefined;
  const snapshots: DiskRecord['snapshots'] = {};
  const stored = value.snapshots;
  if (isObject(stored)) {
    for (const [name, snapshot] of Object.entries(stored)) {
      if (!isObject(snapshot)) continue;
      snapshots[name] = {
        sizeBytes: Number(snapshot.sizeBytes),
        changes: readChanges(snapshot.changes),
        ...(typeof snapshot.image === 'string' && { image: snapshot.image }),
      };
    }
  }
  const { format } = value;
  return {
    format: format === 'qcow2' || format === 'vmdk' || format === 'subvol' ? format : 'raw',
    sizeBytes: Number(value.sizeBytes),
    changes: readChanges(value.changes),
    snapshots,
    ...(typeof value.image === 'string' && { image: value.image }),
    ...(typeof value.backingPath === 'string' && { backingPath: value.backingPath }),
    ...(typeof value.filesystem === 'string' && { filesystem: value.filesystem }),
  };
}

function isObject(value: JsonValue | undefined): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function readChanges(value: JsonValue | undefined): FileChanges {
  const changes: FileChanges = {};
  if (!isObject(value)) return changes;
  for (const [path, node] of Object.entries(value)) {
    if (node === null) changes[path] = null;
    else if (isObject(node)) changes[path] = readNode(node);
  }
  return changes;
}

function readNode(node: JsonObject): FileNode {
  const common = {
    mode: Number(node.mode),
    uid: Number(node.uid),
    gid: Number(node.gid),
    mtime: Number(node.mtime),
  };
  switch (node.kind) {
    case 'directory':
      return { kind: 'directory', ...common };
    case 'link':
      return { kind: 'link', ...common, target: String(node.target) };
    default:
      return { kind: 'file', ...common, content: String(node.content) };
  }
}

/** A record as plain JSON for the state. */
export function toJson(record: DiskRecord): JsonObject {
  const { snapshots, changes, ...rest } = record;
  const changesJson = (all: FileChanges): JsonObject =>
    Object.fromEntries(Object.entries(all).map(([path, node]) => [path, node === null ? null : { ...node }]));
  return {
    ...rest,
    changes: changesJson(changes),
    snapshots: Object.fromEntries(
      Object.entries(snapshots).map(([name, snapshot]) => [
        name,
        { ...snapshot, changes: changesJson(snapshot.changes) },
      ]),
    ),
  };
}

const SECTOR = 2048;
/** Bytes of the ER field in the continuation area. */
const REFERENCE_BYTES = 18;

/** The two sets of names that a tree is written in. */
export type NameForm = 'rockridge' | 'joliet';

/** A directory (with children) or a file, and the sectors where its extents begin. */
export interface IsoNode {
  readonly name: string;
  /** The short upper-case name of plain ISO 9660. */
  readonly shortName: string;
  readonly bytes: Uint8Array;
  readonly children?: IsoNode[];
  readonly extent: Partial<Record<NameForm, number>>;
  readonly parent?: IsoNode;
}

/** Builds the tree of a set of paths; siblings come in the order of their short names, as directories demand. */
export function treeOf(files: ReadonlyMap<string, Uint8Array>): IsoNode {
  const root: IsoNode & { children: IsoNode[] } = {
    name: '',
    shortName: '',
    bytes: new Uint8Array(),
    children: [],
    extent: {},
  };
  for (const [path, bytes] of files) {
    const names = path.split('/');
    const last = names.pop() ?? '';
    let directory = root;
    for (const name of names) {
      const found = directory.children.find((child) => child.name === name);
      if (found?.children !== undefined) directory = { ...found, children: found.children };
      else {
        const made = {
          name,
          shortName: shortName(name, directory, true),
          bytes: new Uint8Array(),
          children: [],
          extent: {},
          parent: directory,
        };
        directory.children.push(made);
        directory = made;
      }
    }
    directory.children.push({
      name: last,
      shortName: shortName(last, directory, false),
      bytes,
      extent: {},
      parent: directory,
    });
  }
  sort(root);
  return root;
}

function sort(node: IsoNode): void {
  node.children?.sort((a, b) => (a.shortName < b.shortName ? -1 : 1));
  for (const child of node.children ?? []) sort(child);
}

/** An ISO 9660 level 1 name: eight characters, a dot and three; made unique among its siblings by a number. */
function shortName(name: string, parent: IsoNode, isDirectory: boolean): string {
  const clean = (text: string, length: number): string =>
    text
      .toUpperCase()
      .replace(/[^A-Z0-9_]/g, '_')
      .slice(0, length);
  const dot = isDirectory ? -1 : name.lastIndexOf('.');
  const stem = clean(dot > 0 ? name.slice(0, dot) : name, 8);
  const extension = dot > 0 ? clean(name.slice(dot + 1), 3) : '';
  for (let number = 0; ; number++) {
    const tail = number === 0 ? '' : String(number);
    const unique = `${stem.slice(0, 8 - tail.length)}${tail}`;
    const short = isDirectory ? unique : `${unique}.${extension};1`;
    if (!parent.children?.some((child) => child.shortName === short)) return short;
  }
}

/** The records of one directory (ECMA-119, 9.1), none of them across a sector's end. */
export function directoryExtent(directory: IsoNode, form: NameForm, continuation: number): Buffer {
  const isRoot = directory.parent === undefined;
  const records = [
    record(
      Buffer.from([0]),
      directory,
      form,
      isRoot ? rootFields(form, continuation) : attributes(directory, form),
    ),
    record(
      Buffer.from([1]),
      directory.parent ?? directory,
      form,
      attributes(directory.parent ?? directory, form),
    ),
    ...(directory.children ?? []).map((child) =>
      record(nameBytes(child, form), child, form, childFields(child, form)),
    ),
  ];
  const sectors: Buffer[] = [];
  let room = 0;
  for (const entry of records) {
    if (entry.length > room) {
      if (sectors.length > 0) sectors.push(Buffer.alloc(room));
      room = SECTOR;
    }
    sectors.push(entry);
    room -= entry.length;
  }
  sectors.push(Buffer.alloc(room));
  return Buffer.concat(sectors);
}

/** The path table (ECMA-119, 9.4): directories level by level. */
export function pathTable(root: IsoNode, form: NameForm, order: 'little' | 'big'): Buffer {
  const queue: { node: IsoNode; parent: number }[] = [{ node: root, parent: 1 }];
  const entries: Buffer[] = [];
  for (let index = 0; index < queue.length; index++) {
    const item = queue[index];
    if (item === undefined) break;
    const name = item.node.parent === undefined ? Buffer.from([0]) : nameBytes(item.node, form);
    const entry = Buffer.alloc(8 + name.length + (name.length % 2));
    entry[0] = name.length;
    const extent = item.node.extent[form] ?? 0;
    if (order === 'little') {
      entry.writeUInt32LE(extent, 2);
      entry.writeUInt16LE(item.parent, 6);
    } else {
      entry.writeUInt32BE(extent, 2);
      entry.writeUInt16BE(item.parent, 6);
    }
    name.copy(entry, 8);
    entries.push(entry);
    for (const child of item.node.children ?? []) {
      if (child.children !== undefined) queue.push({ node: child, parent: index + 1 });
    }
  }
  return Buffer.concat(entries);
}

function nameBytes(node: IsoNode, form: NameForm): Buffer {
  return form === 'rockridge'
    ? Buffer.from(node.shortName, 'latin1')
    : Buffer.from(node.name, 'utf16le').swap16();
}

function record(name: Buffer, node: IsoNode, form: NameForm, systemUse: Buffer): Buffer {
  const nameEnd = 33 + name.length + (name.length % 2 === 0 ? 1 : 0);
  const entry = Buffer.alloc(nameEnd + systemUse.length + (systemUse.length % 2));
  entry[0] = entry.length;
  const extent = node.extent[form] ?? 0;
  entry.writeUInt32LE(extent, 2);
  entry.writeUInt32BE(extent, 6);
  const length = node.children === undefined ? node.bytes.length : directoryBytes(node, form);
  entry.writeUInt32LE(length, 10);
  entry.writeUInt32BE(length, 14);
  entry[25] = node.children === undefined ? 0 : 2;
  entry.writeUInt16LE(1, 28);
  entry.writeUInt16BE(1, 30);
  entry[32] = name.length;
  name.copy(entry, 33);
  systemUse.copy(entry, nameEnd);
  return entry;
}

function directoryBytes(directory: IsoNode, form: NameForm): number {
  let sectors = 1;
  let room = SECTOR;
  const fixed = [
    34 + (directory.parent === undefined ? rootFields(form, 0) : attributes(directory, form)).length,
    34 + attributes(directory, form).length,
  ];
  const children = (directory.children ?? []).map((child) => {
    const name = nameBytes(child, form).length;
    const use = childFields(child, form).length;
    return 33 + name + (name % 2 === 0 ? 1 : 0) + use + (use % 2);
  });
  for (const length of [...fixed, ...children]) {
    if (length > room) {
      sectors++;
      room = SECTOR;
    }
    room -= length;
  }
  return sectors * SECTOR;
}

/** SP, CE and PX: the root's own record announces SUSP and points to the continuation area. */
function rootFields(form: NameForm, continuation: number): Buffer {
  if (form === 'joliet') return Buffer.alloc(0);
  const sp = Buffer.from([0x53, 0x50, 7, 1, 0xbe, 0xef, 0]);
  const ce = Buffer.alloc(28);
  ce.write('CE', 0, 'latin1');
  ce[2] = 28;
  ce[3] = 1;
  for (const [at, value] of [
    [4, continuation],
    [12, 0],
    [20, REFERENCE_BYTES],
  ] as const) {
    ce.writeUInt32LE(value, at);
    ce.writeUInt32BE(value, at + 4);
  }
  return Buffer.concat([sp, posix(true), ce]);
}

function attributes(node: IsoNode, form: NameForm): Buffer {
  return form === 'joliet' ? Buffer.alloc(0) : posix(node.children !== undefined);
}

function childFields(node: IsoNode, form: NameForm): Buffer {
  if (form === 'joliet') return Buffer.alloc(0);
  const name = Buffer.from(node.name, 'utf8');
  const nm = Buffer.concat([Buffer.from([0x4e, 0x4d, 5 + name.length, 1, 0]), name]);
  return Buffer.concat([posix(node.children !== undefined), nm]);
}

/** PX of Rock Ridge: mode, links, owner and group (RRIP 1.09, 4.1.1). */
function posix(isDirectory: boolean): Buffer {
  const px = Buffer.alloc(36);
  px.write('PX', 0, 'latin1');
  px[2] = 36;
  px[3] = 1;
  for (const [at, value] of [
    [4, isDirectory ? 0o040555 : 0o100444],
    [12, isDirectory ? 2 : 1],
    [20, 0],
    [28, 0],
  ] as const) {
    px.writeUInt32LE(value, at);
    px.writeUInt32BE(value, at + 4);
  }
  return px;
}

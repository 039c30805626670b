import { directoryExtent, type IsoNode, type NameForm, pathTable, treeOf } from './iso-tree.js';

const SECTOR = 2048;

/** A file system to write: paths with `/` between names of at most 64 characters, and their bytes. */
export interface IsoContent {
  readonly label: string;
  readonly files: ReadonlyMap<string, Uint8Array>;
  readonly joliet: boolean;
  /** The image is padded with zeros to this size. */
  readonly sizeBytes?: number;
}

/**
 * An ISO 9660 image (ECMA-119) with Rock Ridge names, and a Joliet tree beside them if asked for. Contains no times: equal content yields equal bytes.
 *
 * @throws Error when the content does not fit into `sizeBytes`.
 */
export function writeIso(content: IsoContent): Uint8Array {
  const root = treeOf(content.files);
  const forms: NameForm[] = content.joliet ? ['rockridge', 'joliet'] : ['rockridge'];

  // Where everything goes: descriptors from sector 16, path tables, the continuation area, directories of each form, then files.
  let next = 16 + forms.length + 1;
  const take = (bytes: number): number => {
    const at = next;
    next += Math.max(1, Math.ceil(bytes / SECTOR));
    return at;
  };
  const tables = forms.map((form) => {
    const bytes = pathTable(root, form, 'little').length;
    return { form, bytes, little: take(bytes), big: take(bytes) };
  });
  const continuation = take(SECTOR);
  for (const form of forms) {
    for (const directory of directories(root)) {
      directory.extent[form] = take(directoryExtent(directory, form, continuation).length);
    }
  }
  for (const file of files(root)) {
    const at = take(file.bytes.length);
    for (const form of forms) file.extent[form] = at;
  }

  const used = next * SECTOR;
  if (content.sizeBytes !== undefined && used > content.sizeBytes) {
    throw new Error(`an image of ${used} bytes does not fit into ${content.sizeBytes}`);
  }
  const image = Buffer.alloc(content.sizeBytes ?? used);
  forms.forEach((form, index) => {
    const table = tables[index];
    if (table !== undefined) {
      descriptor(form, content.label, next, table, directoryRecordOfRoot(root, form)).copy(
        image,
        (16 + index) * SECTOR,
      );
      pathTable(root, form, 'little').copy(image, table.little * SECTOR);
      pathTable(root, form, 'big').copy(image, table.big * SECTOR);
    }
    for (const directory of directories(root)) {
      directoryExtent(directory, form, continuation).copy(image, (directory.extent[form] ?? 0) * SECTOR);
    }
  });
  image.set([255, ...Buffer.from('CD001\x01', 'latin1')], (16 + forms.length) * SECTOR);
  rockRidgeReference().copy(image, continuation * SECTOR);
  for (const file of files(root)) image.set(file.bytes, (file.extent.rockridge ?? 0) * SECTOR);
  return image;
}

function* directories(node: IsoNode): Generator<IsoNode> {
  if (node.children === undefined) return;
  yield node;
  for (const child of node.children) yield* directories(child);
}

function* files(node: IsoNode): Generator<IsoNode & { bytes: Uint8Array }> {
  for (const child of node.children ?? []) {
    if (child.children !== undefined) yield* files(child);
    else yield child;
  }
}

function directoryRecordOfRoot(root: IsoNode, form: NameForm): Buffer {
  // The root's record in a descriptor is its own "." without system use fields.
  const record = Buffer.from(directoryExtent(root, form, 0).subarray(0, 34));
  record[0] = 34;
  return record;
}

/** A primary volume descriptor (ECMA-119, 8.4), or the supplementary one of Joliet with UCS-2 level 3. */
function descriptor(
  form: NameForm,
  label: string,
  sectors: number,
  table: { readonly bytes: number; readonly little: number; readonly big: number },
  rootRecord: Buffer,
): Buffer {
  const block = Buffer.alloc(SECTOR);
  const text = (value: string, at: number, length: number): void => {
    if (form === 'rockridge') block.write(value.padEnd(length, ' '), at, length, 'latin1');
    else
      Buffer.from(value.padEnd(length / 2, ' '), 'utf16le')
        .swap16()
        .copy(block, at, 0, length - (length % 2));
  };
  block[0] = form === 'rockridge' ? 1 : 2;
  block.write('CD001\x01', 1, 'latin1');
  text('', 8, 32);
  text(label, 40, 32);
  both32(block, 80, sectors);
  if (form === 'joliet') block.write('%/E', 88, 'latin1');
  both16(block, 120, 1);
  both16(block, 124, 1);
  both16(block, 128, SECTOR);
  both32(block, 132, table.bytes);
  block.writeUInt32LE(table.little, 140);
  block.writeUInt32BE(table.big, 148);
  rootRecord.copy(block, 156);
  for (const [at, length] of [
    [190, 128],
    [318, 128],
    [446, 128],
    [574, 128],
    [702, 36],
    [738, 36],
    [776, 36],
  ] as const)
    text('', at, length);
  for (const at of [813, 830, 847, 864]) block.write('0000000000000000', at, 'latin1');
  block[881] = 1;
  return block;
}

/** The ER field of SUSP that names Rock Ridge (RRIP 1.09), for the continuation area. */
function rockRidgeReference(): Buffer {
  const id = 'RRIP_1991A';
  const field = Buffer.alloc(8 + id.length);
  field.write('ER', 0, 'latin1');
  field[2] = field.length;
  field[3] = 1;
  field[4] = id.length;
  field[7] = 1;
  field.write(id, 8, 'latin1');
  return field;
}

function both16(block: Buffer, at: number, value: number): void {
  block.writeUInt16LE(value, at);
  block.writeUInt16BE(value, at + 2);
}

function both32(block: Buffer, at: number, value: number): void {
  block.writeUInt32LE(value, at);
  block.writeUInt32BE(value, at + 4);
}

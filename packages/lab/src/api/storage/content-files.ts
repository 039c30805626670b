import { createHash } from 'node:crypto';
import { badParameter, failure } from '../../http/pve-error.js';
import type { Lab } from '../../lab.js';
import { IMAGE_HEADER_BYTES, recognizeImage } from '../../storage/image-format.js';
import { CONTENT_DIRECTORIES } from '../../storage/volume-name.js';

/** Where an upload or a download goes. */
export interface ContentTarget {
  readonly node: string;
  /** The node of the file store: empty for shared storages. */
  readonly place: string;
  readonly storage: string;
  readonly content: 'iso' | 'vztmpl' | 'import';
  readonly filename: string;
  readonly path: string;
  readonly volid: string;
}

/** A file name as PVE keeps it: without directories, odd characters replaced (PVE/Storage.pm normalize_content_filename). */
function normalizeFilename(filename: string): string {
  return filename.replace(/^.*[/\\]/, '').replace(/[^a-zA-Z0-9_.-]/g, '_');
}

/** Checks content type and file name, and resolves them to a place. @throws PveError with the texts of PVE/API2/Storage/Status.pm. */
export function resolveContentTarget(
  lab: Lab,
  request: { node: string; storage: string; content: string; filename: string },
  unsupported: (storage: string, content: string) => string,
): ContentTarget {
  const { node, storage } = request;
  const entry = lab.storages.checkEnabled(storage, node);
  const filename = normalizeFilename(request.filename);
  const content = acceptedContent(lab, request.content, filename);
  if (!lab.storages.hasContent(storage, content)) throw failure(unsupported(storage, content));
  const root = entry.path ?? (storage === 'local' ? '/var/lib/vz' : `/mnt/pve/${storage}`);
  const path = `${root}/${CONTENT_DIRECTORIES[content]}/${filename}`;
  return {
    node,
    place: entry.shared === true ? '' : node,
    storage,
    content,
    filename,
    path,
    volid: `${storage}:${content}/${filename}`,
  };
}

function acceptedContent(lab: Lab, content: string, filename: string): ContentTarget['content'] {
  if (content === 'iso') {
    if (!/^[^/]+\.(iso|img)$/i.test(filename)) throw badParameter('filename', 'wrong file extension');
    return content;
  }
  if (content === 'vztmpl') {
    const template =
      lab.release === '8.4' ? /^[^/]+\.tar\.(gz|xz|zst|bz2)$/ : /^[^/]+\.tar(\.(gz|xz|zst|bz2))?$/;
    if (!template.test(filename)) throw badParameter('filename', 'wrong file extension');
    return content;
  }
  if (content === 'import') {
    if (!/^[a-zA-Z0-9\-.+=_]+\.(ova|qcow2|raw|vmdk)$/.test(filename))
      throw badParameter('filename', 'invalid filename or wrong extension');
    return content;
  }
  throw badParameter('content', `upload content type '${content}' not allowed`);
}

/** Refuses what PVE refuses to take in: images that are not what their name says, or that refer to other files. */
export async function assertAcceptable(
  lab: Lab,
  target: ContentTarget,
  file: { path: string; shownPath: string },
): Promise<void> {
  if (target.content === 'vztmpl') return;
  const facts = await lab.files.stat(target.place, file.path);
  if (facts === undefined) throw failure(`unable to stat '${file.shownPath}'`);
  const header = await lab.files.read(target.place, file.path, {
    offset: 0,
    length: Math.min(IMAGE_HEADER_BYTES, facts.sizeBytes),
  });
  const kind = recognizeImage(header, facts.sizeBytes);
  const named = target.filename.split('.').at(-1);
  if (target.content === 'import' && (named === 'qcow2' || named === 'vmdk') && kind.format !== named) {
    const image = named === 'qcow2' ? 'Image is not in qcow2 format' : 'invalid VMDK image descriptor';
    throw failure(`qemu-img: Could not open '${file.shownPath}': ${image}`);
  }
  const asRaw = target.content === 'import' && named === 'raw';
  if (!asRaw && kind.backingFile !== undefined) {
    throw failure(
      `${target.content === 'iso' ? 'found backing file' : 'backing file not allowed'} for untrusted image '${file.shownPath}' (${kind.backingFile})`,
    );
  }
  if (!asRaw && kind.externalData)
    throw failure(`data file not allowed for untrusted image '${file.shownPath}'`);
}

/** Hex digest of a stored file. */
export async function checksumOf(lab: Lab, place: string, path: string, algorithm: string): Promise<string> {
  const hash = createHash(algorithm);
  const facts = await lab.files.stat(place, path);
  const size = facts?.sizeBytes ?? 0;
  const piece = 4 * 1024 * 1024;
  for (let offset = 0; offset < size; offset += piece)
    hash.update(await lab.files.read(place, path, { offset, length: piece }));
  return hash.digest('hex');
}

/** Records a file that has taken its place on a storage. */
export async function recordContent(lab: Lab, target: ContentTarget): Promise<void> {
  const facts = await lab.files.stat(target.place, target.path);
  const parsed = lab.storages.parse(target.volid);
  const size = facts?.sizeBytes ?? 0;
  lab.state.volumes[`${target.place}/${target.volid}`] = {
    volid: target.volid,
    storage: target.storage,
    node: target.place,
    content: target.content,
    format: parsed.format,
    sizeBytes: size,
    usedBytes: size,
    ctime: Math.floor(lab.clock.now() / 1000),
  };
}

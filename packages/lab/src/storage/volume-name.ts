import { failure } from '../http/pve-error.js';
import type { ParsedVolid } from './storages.js';

const VOLUME_ID = /^([a-z][a-z0-9\-_.]*[a-z0-9]):(.+)$/i;
const IMAGE_NAME = /^((?:base-)?[^/\s]+\.(raw|qcow2|vmdk|subvol))$/;
const BACKUP_NAME = /\.(tgz|tar|tar\.gz|tar\.lzo|tar\.zst|vma|vma\.gz|vma\.lzo|vma\.zst)$/;

/** What a directory storage calls its subdirectories, by content. */
export const CONTENT_DIRECTORIES: Readonly<Record<ParsedVolid['content'], string>> = {
  images: 'images',
  rootdir: 'images',
  iso: 'template/iso',
  vztmpl: 'template/cache',
  import: 'import',
  snippets: 'snippets',
  backup: 'dump',
};

/** Storage and name of a volume id. @throws PveError 500 `unable to parse volume ID 'x'`. */
export function splitVolid(volid: string): { storage: string; volname: string } {
  const found = VOLUME_ID.exec(volid);
  if (found === null) throw failure(`unable to parse volume ID '${volid}'`);
  return { storage: found[1] ?? '', volname: found[2] ?? '' };
}

/** The name of a volume on a directory storage, taken apart (pve-storage, PVE/Storage/Plugin.pm parse_volname). @throws PveError 500 with PVE's text. */
export function parseVolname(storage: string, volname: string): ParsedVolid {
  const linked = /^(\d+)\/(\S+)\/(\d+)\/(\S+)$/.exec(volname);
  if (linked !== null) {
    const [, baseVmid = '', base = '', vmid = '', name = ''] = linked;
    parseImageName(base);
    const image = parseImageName(name);
    return {
      storage,
      volname,
      content: 'images',
      ...image,
      vmid: Number(vmid),
      base: { name: base, vmid: Number(baseVmid) },
    };
  }
  const image = /^(\d+)\/(\S+)$/.exec(volname);
  if (image !== null) {
    return { storage, volname, content: 'images', ...parseImageName(image[2] ?? ''), vmid: Number(image[1]) };
  }
  const file = /^(iso|vztmpl|import|snippets|backup)\/([^/]+)$/.exec(volname);
  const content = contentOf(file?.[1], file?.[2] ?? '');
  if (file === null || content === undefined)
    throw failure(`unable to parse directory volume name '${volname}'`);
  const name = file[2] ?? '';
  return { storage, volname, content: content.type, name, format: content.format, isBase: false };
}

function contentOf(
  type: string | undefined,
  name: string,
): { type: ParsedVolid['content']; format: string } | undefined {
  if (type === 'iso' && /\.(iso|img)$/i.test(name)) return { type, format: 'iso' };
  const template = /\.tar(?:\.(gz|xz|zst|bz2))?$/.exec(name);
  if (type === 'vztmpl' && template !== null) {
    return {
      type,
      format: template[1] === undefined ? 'tar' : template[1] === 'gz' ? 'tgz' : `t${template[1]}`,
    };
  }
  const image = /\.(ova|qcow2|raw|vmdk)$/.exec(name);
  if (type === 'import' && image !== null) return { type, format: image[1] ?? 'raw' };
  if (type === 'snippets') return { type, format: 'snippet' };
  const backup = BACKUP_NAME.exec(name);
  if (type === 'backup' && backup !== null) return { type, format: backup[1] ?? '' };
  return undefined;
}

function parseImageName(name: string): { name: string; format: string; isBase: boolean } {
  const found = IMAGE_NAME.exec(name);
  if (found === null) throw failure(`unable to parse volume filename '${name}'`);
  return { name, format: found[2] ?? 'raw', isBase: name.startsWith('base-') };
}

import { basename } from 'node:path';
import type { ImageReference } from '../../config/model.js';

/** The name that a container template has on a storage. */
export function templateFileName(reference: ImageReference): string {
  switch (reference.kind) {
    case 'appliance':
      return reference.name;
    case 'catalogue':
      return reference.image.fileName;
    case 'url':
      return safe(basename(new URL(reference.url).pathname));
    case 'path':
      return safe(basename(reference.path));
    default:
      return reference.volid.replace(/^[^:]*:(vztmpl\/)?/, '');
  }
}

const safe = (name: string) => name.replaceAll(/[^A-Za-z0-9.+=_-]/g, '-');

import { basename, isAbsolute, join, resolve } from 'node:path';
import type { ImageReference } from '../model.js';
import { nearestName } from '../nearest-name.js';
import type { NodePath } from '../source/source-node.js';
import { type NormaliseContext, reportAt } from './normalise-context.js';

const URL_LIKE = /^[a-z][a-z0-9+.-]*:\/\//i;
const VOLUME = /^[A-Za-z][A-Za-z0-9._-]*:(?!\/\/)[^\s]+$/;

/** A URL, a path or a volume id; `undefined` when the text is a bare name. */
function parsePlace(text: string, context: NormaliseContext, path: NodePath): ImageReference | undefined {
  if (URL_LIKE.test(text)) {
    if (!/^https?:/i.test(text) || !URL.canParse(text)) {
      reportAt(context, path, {
        kind: 'invalid-value',
        message: 'The image is at a URL that cannot be fetched.',
        expected: 'a URL that begins with https:// or http://',
        got: JSON.stringify(text),
      });
    }
    return { kind: 'url', url: text };
  }
  if (text.startsWith('~/') && context.homeDirectory !== undefined) {
    return { kind: 'path', path: join(context.homeDirectory, text.slice(2)) };
  }
  if (isAbsolute(text) || /^\.{1,2}\//.test(text))
    return { kind: 'path', path: resolve(context.directory, text) };
  if (VOLUME.test(text)) return { kind: 'volume', volid: text };
  if (text.includes('/')) return { kind: 'path', path: resolve(context.directory, text) };
  return undefined;
}

/** What `template_image`, or the defaults' `template`, of a machine means. */
export function normaliseMachineImage(
  text: string,
  context: NormaliseContext,
  path: NodePath,
): ImageReference | undefined {
  const image = Object.hasOwn(context.images, text) ? context.images[text] : undefined;
  if (image !== undefined) return { kind: 'catalogue', name: text, image };
  const place = parsePlace(text, context, path);
  if (place !== undefined) return place;
  const nearest = nearestName(text, Object.keys(context.images));
  reportAt(context, path, {
    kind: 'reference',
    message: `No image is known by the name ${JSON.stringify(text)}.`,
    expected: 'a name of the catalogue, an https URL, a path with a slash, or a volume id',
    got: JSON.stringify(text),
    hint: `Write ./${basename(text)} for a file beside the configuration, or add the image under "images".`,
    ...(nearest === undefined ? {} : { nearest }),
  });
  return undefined;
}

/** What `template` of a container means; a bare name is one of the index of Proxmox VE. */
export function normaliseContainerImage(
  text: string,
  context: NormaliseContext,
  path: NodePath,
): ImageReference {
  const image = Object.hasOwn(context.images, text) ? context.images[text] : undefined;
  if (image !== undefined && /\.tar(\.(gz|xz|zst|bz2))?$/.test(image.fileName)) {
    return { kind: 'catalogue', name: text, image };
  }
  return parsePlace(text, context, path) ?? { kind: 'appliance', name: text };
}

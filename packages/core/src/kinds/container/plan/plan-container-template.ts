import type { DeclaredContainer, ImageReference } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { chooseStorage } from '../../place-guest.js';
import { templateFileName } from '../template-file-name.js';

/** Plans the template that a new container is made from, as shared work; a volume id that was declared is taken as it is. */
export function planContainerTemplate(
  draft: DraftedGuest<DeclaredContainer>,
  node: string,
): { readonly id?: string; readonly volid?: string } {
  const { declared, inventory } = draft.input;
  const reference = declared.image;
  if (reference === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `Container ${declared.vmid} (${declared.name}) has neither a template nor a clone source.`,
      hint: 'Name a template with `template`, or a container with `clone_from_ctid`.',
      details: { vmid: declared.vmid },
    });
  }
  if (reference.kind === 'volume') return { volid: reference.volid };
  const storage = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'vztmpl',
    key: 'image_storage',
    ...(declared.imageStorage === undefined ? {} : { name: declared.imageStorage }),
  });
  const file = templateFileName(reference);
  const volid = `${storage.storage}:vztmpl/${file}`;
  const present = (inventory.images[`${node}/${storage.storage}`] ?? []).includes(volid);
  if (present) return { volid };
  const id = `image/${storage.shared ? '' : `${node}/`}${storage.storage}/${file}`;
  draft.shared.push({
    id,
    step: 'image',
    kind: 'create',
    reason: 'missing',
    title: `template ${titleOf(reference)} to ${storage.storage} on ${node}`,
    changes: [],
    dependsOn: [],
    input: { vmid: declared.vmid, node, storage: storage.storage, file },
  });
  return { id };
}

function titleOf(reference: ImageReference): string {
  switch (reference.kind) {
    case 'appliance':
    case 'catalogue':
      return reference.name;
    case 'url':
      return reference.url;
    case 'path':
      return reference.path;
    default:
      return reference.volid;
  }
}

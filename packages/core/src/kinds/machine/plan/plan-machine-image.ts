import type { DeclaredMachine } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { findImageVolumes, nameImage } from '../../image-volume.js';
import { chooseStorage } from '../../place-guest.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** Plans the image a new machine is made from, as shared work; a volume id that was declared is taken as it is. */
export function planMachineImage(
  draft: DraftedMachine,
  node: string,
): { readonly id?: string; readonly volid?: string } {
  const { declared, inventory } = draft.input;
  const reference = declared.image;
  if (reference === undefined) return {};
  if (reference.kind === 'volume') return { volid: reference.volid };
  const source = nameImage(reference);
  if (source === undefined) {
    throw new PhoenixError({
      code: 'PHOENIX_IMAGE',
      message: `Machine ${declared.vmid} (${declared.name}) names a container template as its image.`,
      hint: 'Name a cloud image with `template_image`.',
      details: { vmid: declared.vmid },
    });
  }
  const storage = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'import',
    key: 'image_storage',
    ...(declared.imageStorage === undefined ? {} : { name: declared.imageStorage }),
  });
  const present = findImageVolumes(inventory.images[`${node}/${storage.storage}`] ?? [], source.stem);
  const id = `image/${storage.shared ? '' : `${node}/`}${storage.storage}/${source.stem}`;
  draft.shared.push({
    id,
    step: 'image',
    kind: present.length > 0 ? 'run' : 'create',
    reason: present.length > 0 ? 'never-checked' : 'missing',
    title:
      present.length > 0
        ? `image ${source.title} on ${storage.storage}: check that it is the published one`
        : `image ${source.title} to ${storage.storage} on ${node}`,
    changes: [],
    dependsOn: [],
    input: { vmid: declared.vmid, node, storage: storage.storage, stem: source.stem },
  });
  return { id };
}

import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { nameImage } from '../../image-volume.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** The image that the machine was made from, where another one is declared by now; nothing that Phoenix would redo by itself. */
export function noticeImage(draft: DraftedMachine, guest: ObservedGuest): void {
  const { declared } = draft.input;
  const from = guest.marker?.from ?? '';
  if (!from.includes(':import/') || declared.cloneFrom !== undefined || declared.image === undefined) return;
  const image = nameImage(declared.image);
  if (image !== undefined && !from.includes(`/${image.stem}-`)) {
    draft.notice(
      'source-changed',
      `${guest.vmid} (${declared.name}) was made from ${from}, and ${image.title} is declared now; the image counts only when a machine is made.`,
    );
  }
}

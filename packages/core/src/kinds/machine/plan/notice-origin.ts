import type { DeclaredMachine } from '../../../config/model.js';
import type { ObservedGuest } from '../../../observe/inventory.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { nameImage } from '../../image-volume.js';

type DraftedMachine = DraftedGuest<DeclaredMachine>;

/** What the machine was made from and has changed since; nothing that Phoenix would redo by itself. */
export function noticeOrigin(draft: DraftedMachine, guest: ObservedGuest): void {
  const { declared, inventory } = draft.input;
  const from = guest.marker?.from ?? '';
  const source =
    declared.cloneFrom === undefined ? undefined : inventory.guests[String(declared.cloneFrom.vmid)];
  const build = source?.marker?.build;
  if (
    source !== undefined &&
    build !== undefined &&
    from.startsWith(`${source.vmid}@`) &&
    from !== `${source.vmid}@${build}`
  ) {
    draft.notice(
      'source-changed',
      `${guest.vmid} (${declared.name}) was cloned from an earlier build of ${source.vmid}; it stays as it is. To make it from the present one, delete it and orchestrate again.`,
    );
  }
  if (!from.includes(':import/') || declared.cloneFrom !== undefined || declared.image === undefined) return;
  const image = nameImage(declared.image);
  if (image !== undefined && !from.includes(`/${image.stem}-`)) {
    draft.notice(
      'source-changed',
      `${guest.vmid} (${declared.name}) was made from ${from}, and ${image.title} is declared now; the image counts only when a machine is made.`,
    );
  }
}

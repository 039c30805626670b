import type { DeclaredGuest } from '../config/model.js';
import { findByVmid } from '../plan/find-by-vmid.js';
import type { DraftedGuest } from './drafted-guest.js';
import { isStaleTemplate } from './is-stale-template.js';

/**
 * What should be known of the guest's clone source: that it is not as declared, and that it was built anew since the guest was cloned.
 * A guest is never made anew for that.
 */
export function noticeSource<Declared extends DeclaredGuest>(draft: DraftedGuest<Declared>): void {
  const { declared, inventory, materialsOf, config } = draft.input;
  const source =
    declared.cloneFrom === undefined ? undefined : inventory.guests[String(declared.cloneFrom.vmid)];
  if (source === undefined) return;
  const label = `${declared.vmid} (${declared.name})`;
  const guest = inventory.guests[String(declared.vmid)];
  const from = guest?.marker?.from;
  const build = source.marker?.build;
  const here = from?.startsWith(`${source.vmid}@`) === true;
  if (here && build !== undefined && from !== `${source.vmid}@${build}`) {
    draft.notice(
      'source-changed',
      `${label} was cloned from an earlier build of ${source.vmid}; it stays as it is. To make it from the present one, delete it and orchestrate again.`,
    );
    return;
  }
  const materials = materialsOf(source.vmid);
  const stale =
    findByVmid(config.guests, source.vmid)?.isTemplate === true &&
    materials !== undefined &&
    isStaleTemplate(source, materials);
  if (!stale || !(here || guest?.marker === undefined)) return;
  draft.notice(
    'source-stale',
    `${label} ${here ? 'was' : 'will be'} cloned from the template ${source.vmid} (${source.name ?? ''}), which was built with other features than are declared for it now.`,
  );
}

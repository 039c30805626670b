import type { DeclaredGuest } from '../config/model.js';
import type { ObservedGuest } from '../observe/inventory.js';
import { digestOf } from '../plan/digest-of.js';
import type { Reason } from '../plan/plan.js';
import type { DraftedGuest } from './drafted-guest.js';

type DraftedAny = Pick<DraftedGuest<DeclaredGuest>, 'add' | 'input'>;

/** The firewall of a new guest. */
export function planNewFirewall(draft: DraftedAny, reason: Reason): void {
  const { firewall } = draft.input.declared;
  if (firewall === undefined) return;
  draft.add(
    'firewall',
    'update',
    reason,
    `firewall ${firewall.enabled ? 'on' : 'off'}, ${firewall.rules.length} rules`,
    {
      input: { digest: digestOf(firewall).slice(0, 16) },
    },
  );
}

/** What belongs to the guest and stands outside its configuration. */
export function planSurroundings(draft: DraftedAny, guest: ObservedGuest): void {
  const { firewall, pool } = draft.input.declared;
  const digest = firewall === undefined ? undefined : digestOf(firewall).slice(0, 16);
  if (digest !== undefined && guest.marker?.firewall !== digest) {
    draft.add(
      'firewall',
      'update',
      'firewall-changed',
      `firewall ${firewall?.enabled === true ? 'on' : 'off'}, ${firewall?.rules.length ?? 0} rules`,
      { input: { digest } },
    );
  }
  if (pool !== undefined && guest.pool !== pool) {
    draft.add('pool', 'update', 'pool-changed', `pool ${pool}`, {
      changes: [{ key: 'pool', declared: pool, live: guest.pool ?? null, takesEffect: 'now' }],
    });
  }
}

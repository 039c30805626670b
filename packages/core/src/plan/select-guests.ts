import type { Config, DeclaredGuest } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { findByVmid } from './find-by-vmid.js';

/** The guests that must be there before this one: its clone source, then its declared dependencies. */
export function listPrerequisites(guest: DeclaredGuest): readonly number[] {
  const { cloneFrom, dependencies } = guest;
  return cloneFrom === undefined ? dependencies : [...new Set([cloneFrom.vmid, ...dependencies])];
}

/**
 * The declared guests behind the targets.
 * @throws {PhoenixError} `PHOENIX_UNKNOWN_GUEST` for a vmid that is not declared.
 */
export function selectTargets(config: Config, targets: readonly number[] | 'all'): readonly DeclaredGuest[] {
  if (targets === 'all') return config.guests;
  const wanted = [...new Set(targets)];
  return wanted.map((vmid) => {
    const guest = findByVmid(config.guests, vmid);
    if (guest !== undefined) return guest;
    const known = config.guests.map((candidate) => candidate.vmid);
    throw new PhoenixError({
      code: 'PHOENIX_UNKNOWN_GUEST',
      message: `${vmid} is not declared in ${config.files.join(', ') || 'the configuration'}; declared: ${known.slice(0, 20).join(', ') || 'nothing'}${known.length > 20 ? ', …' : ''}.`,
      hint: 'Name a declared vmid, or use `--all`.',
      details: { vmid },
    });
  });
}

/** The targets and everything they rest on, directly or not, as far as it is declared; prerequisites come before what needs them. */
export function selectWithPrerequisites(
  config: Config,
  targets: readonly DeclaredGuest[],
): readonly DeclaredGuest[] {
  const byId = new Map(config.guests.map((guest) => [guest.vmid, guest]));
  const ordered = new Map<number, DeclaredGuest>();
  const entered = new Set<number>();
  const visit = (guest: DeclaredGuest) => {
    if (entered.has(guest.vmid)) return;
    entered.add(guest.vmid);
    for (const vmid of listPrerequisites(guest)) {
      const prerequisite = byId.get(vmid);
      if (prerequisite !== undefined) visit(prerequisite);
    }
    ordered.set(guest.vmid, guest);
  };
  for (const guest of [...targets].sort((left, right) => left.vmid - right.vmid)) visit(guest);
  return [...ordered.values()];
}

import type { ConfigProblem, SourcePosition } from '../config-problem.js';
import type { DeclaredGuest } from '../model.js';

/** Clone sources and dependencies: of the right kind, without cycles, and declared. */
export function checkReferences(guests: readonly DeclaredGuest[]): readonly ConfigProblem[] {
  const byId = new Map(guests.map((guest) => [guest.vmid, guest]));
  const problems: ConfigProblem[] = [];
  for (const guest of guests) {
    const source = guest.cloneFrom === undefined ? undefined : byId.get(guest.cloneFrom.vmid);
    if (source !== undefined && source !== guest) problems.push(...checkClone(guest, source));
    for (const [index, dependency] of guest.dependencies.entries()) {
      const place = guest.positions[`dependencies.${index}`] ?? guest.position;
      if (dependency === guest.vmid) {
        problems.push({
          ...place,
          severity: 'error',
          kind: 'cycle',
          path: [],
          message: `${label(guest)} depends on itself.`,
        });
      } else if (!byId.has(dependency)) {
        problems.push({
          ...place,
          severity: 'warning',
          kind: 'reference',
          path: [],
          message: `Guest ${dependency}, on which ${label(guest)} depends, is not declared.`,
          hint: 'It is not started or waited for; name the file that declares it with --config too.',
        });
      }
    }
  }
  return [...problems, ...findCycles(guests, byId)];
}

function checkClone(guest: DeclaredGuest, source: DeclaredGuest): readonly ConfigProblem[] {
  const key = guest.kind === 'machine' ? 'clone_from_vmid' : 'clone_from_ctid';
  const place = guest.positions[key] ?? guest.position;
  if (source.kind !== guest.kind) {
    return [
      {
        ...place,
        severity: 'error',
        kind: 'reference',
        path: [],
        message: `${label(guest)} is a ${guest.kind} and cannot be cloned from the ${source.kind} ${source.vmid}.`,
      },
    ];
  }
  const problems: ConfigProblem[] = [];
  if (guest.cloneFrom?.linked === true && !source.isTemplate) {
    problems.push({
      ...(guest.positions.clone_type ?? place),
      severity: 'error',
      kind: 'conflict',
      path: [],
      message: `${label(guest)} cannot be a linked clone: ${source.vmid} is not a template.`,
      hint: `Set "is_template": true on ${source.vmid}, or "clone_type": "full".`,
    });
  }
  if (guest.diskGib !== undefined && source.diskGib !== undefined && guest.diskGib < source.diskGib) {
    const sizeKey = guest.kind === 'machine' ? 'disk_size_gb' : 'storage_size_gb';
    problems.push({
      ...(guest.positions[sizeKey] ?? place),
      severity: 'warning',
      kind: 'conflict',
      path: [],
      message: `The disk of ${label(guest)} is declared smaller than that of its clone source.`,
      expected: `at least ${source.diskGib}`,
      got: String(guest.diskGib),
      hint: `Disks do not shrink: it will have ${source.diskGib} GiB.`,
    });
  }
  return problems;
}

function findCycles(
  guests: readonly DeclaredGuest[],
  byId: ReadonlyMap<number, DeclaredGuest>,
): readonly ConfigProblem[] {
  const done = new Set<number>();
  const problems: ConfigProblem[] = [];
  for (const start of guests) {
    // Depth first, without recursion: a chain may be as long as the fleet.
    const trail: { readonly guest: DeclaredGuest; readonly next: number[] }[] = [];
    const enter = (guest: DeclaredGuest): void => {
      trail.push({ guest, next: needs(guest) });
    };
    if (!done.has(start.vmid)) enter(start);
    for (let top = trail.at(-1); top !== undefined; top = trail.at(-1)) {
      const wanted = top.next.shift();
      if (wanted === undefined) {
        done.add(top.guest.vmid);
        trail.pop();
        continue;
      }
      const guest = byId.get(wanted);
      if (guest === undefined || done.has(wanted) || wanted === top.guest.vmid) continue;
      const from = trail.findIndex((step) => step.guest.vmid === wanted);
      if (from === -1) {
        enter(guest);
        continue;
      }
      const loop = [...trail.slice(from).map((step) => step.guest.vmid), wanted];
      problems.push({
        ...placeOfNeed(top.guest, wanted),
        severity: 'error',
        kind: 'cycle',
        path: [],
        message: `Guests wait for each other: ${loop.join(' → ')}.`,
        hint: 'Remove one of these dependencies or clone sources.',
      });
    }
  }
  return problems;
}

function needs(guest: DeclaredGuest): number[] {
  return [...(guest.cloneFrom === undefined ? [] : [guest.cloneFrom.vmid]), ...guest.dependencies];
}

function placeOfNeed(guest: DeclaredGuest, wanted: number): SourcePosition {
  if (guest.cloneFrom?.vmid === wanted) {
    return guest.positions.clone_from_vmid ?? guest.positions.clone_from_ctid ?? guest.position;
  }
  return guest.positions[`dependencies.${guest.dependencies.indexOf(wanted)}`] ?? guest.position;
}

function label(guest: DeclaredGuest): string {
  return `${guest.vmid} (${guest.name})`;
}

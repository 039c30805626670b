import {
  type Action,
  type ActionKind,
  actionSymbols,
  type Change,
  type GuestPlan,
  isEmptyPlan,
  type Notice,
  type Plan,
  type PlanValue,
} from '@phoenix/core';
import type { Palette } from './palette.js';
import { padColumns, stripControls, textWidth } from './text-width.js';
import { GUEST_KIND_TEXTS, REASON_TEXTS, TAKES_EFFECT_TEXTS } from './wording.js';

/**
 * A plan for people: what happens to each guest, in order, with the differing keys, when they take effect,
 * drift apart from changes, notices, and one line of totals. Ends with a line break.
 */
export function renderPlan(plan: Plan, palette: Palette): string {
  const blocks = [
    plan.shared
      .filter(isWork)
      .map((action) => renderShared(action, palette))
      .join('\n'),
    ...plan.guests.filter((guest) => guest.kind !== 'none').map((guest) => renderGuest(guest, palette)),
    renderUnchanged(plan, palette),
    renderDrift(plan, palette),
    plan.notices.map((notice) => renderNotice(notice, palette)).join('\n'),
    renderTotals(plan, palette),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function renderShared(action: Action, palette: Palette): string {
  return `${sign(action.kind, palette)} ${palette.bold(stripControls(action.title))}  ${palette.dim(REASON_TEXTS[action.reason])}`;
}

function renderGuest(guest: GuestPlan, palette: Palette): string {
  const why =
    guest.role === 'dependency'
      ? `${REASON_TEXTS[guest.reason]}; others need it`
      : REASON_TEXTS[guest.reason];
  return [
    `${sign(guest.kind, palette)} ${palette.bold(`${guest.vmid} ${guest.name}`)}  ${guest.guestKind} on ${guest.node} ${paint(guest.kind, palette)(GUEST_KIND_TEXTS[guest.kind])} ${palette.dim(`(${why})`)}`,
    ...joinPlain(guest.actions.filter(isWork)).flatMap((group) => renderActions(group, palette)),
    ...guest.notices.map((notice) => renderNotice(notice, palette)),
  ].join('\n');
}

/** Actions as they are shown on one line: neighbours of one kind that have no keys to show are one group. */
function joinPlain(actions: readonly Action[]): readonly (readonly [Action, ...Action[]])[] {
  const groups: [Action, ...Action[]][] = [];
  for (const action of actions) {
    const last = groups.at(-1);
    const joins = last?.every((other) => other.kind === action.kind && other.changes.length === 0) === true;
    if (joins && action.changes.length === 0) last.push(action);
    else groups.push([action]);
  }
  return groups;
}

function renderActions(group: readonly [Action, ...Action[]], palette: Palette): readonly string[] {
  const [first] = group;
  return [
    `    ${sign(first.kind, palette)} ${group.map((action) => stripControls(action.title)).join(palette.dim(' → '))}`,
    ...renderChanges(first.changes, first.kind, palette).map((line) => `        ${line}`),
  ];
}

function renderChanges(changes: readonly Change[], kind: ActionKind, palette: Palette): readonly string[] {
  const keyWidth = Math.max(0, ...changes.map((change) => change.key.length));
  const values = changes.map((change) =>
    kind === 'create'
      ? formatValue(change.declared)
      : `${formatValue(change.live)} ${palette.dim('→')} ${palette.bold(formatValue(change.declared))}`,
  );
  if (kind === 'create')
    return changes.map((change, index) => `${padColumns(change.key, keyWidth)}  ${values[index] ?? ''}`);
  const valueWidth = Math.max(0, ...values.map(textWidth));
  return changes.map((change, index) => {
    const note = change.takesEffect === 'now' ? palette.dim : palette.yellow;
    return `${padColumns(change.key, keyWidth)}  ${padColumns(values[index] ?? '', Math.min(valueWidth, 48))}  ${note(TAKES_EFFECT_TEXTS[change.takesEffect])}`;
  });
}

function renderUnchanged(plan: Plan, palette: Palette): string {
  const unchanged = plan.guests.filter((guest) => guest.kind === 'none');
  if (unchanged.length === 0) return '';
  const shown = unchanged.slice(0, 8).map((guest) => `${guest.vmid} ${guest.name}`);
  const rest = unchanged.length - shown.length;
  return `${sign('none', palette)} ${palette.dim(`as declared: ${shown.join(', ')}${rest > 0 ? ` and ${rest} more` : ''}`)}`;
}

function renderDrift(plan: Plan, palette: Palette): string {
  const put: string[] = [];
  const left: string[] = [];
  for (const guest of plan.guests) {
    const corrected = new Set(guest.actions.flatMap(({ changes }) => changes.map(({ key }) => key)));
    for (const { key, live, declared, lastApplied } of guest.drift)
      (corrected.has(key) ? put : left).push(
        `    ${guest.vmid} ${guest.name}  ${key}: ${formatValue(live)}, declared ${formatValue(declared)}${lastApplied === undefined ? '' : `, last applied ${formatValue(lastApplied)}`}`,
      );
  }
  const list = (title: string, lines: readonly string[]) =>
    lines.length === 0 ? [] : [palette.yellow(title), ...lines];
  return [
    ...list('Changed outside Phoenix, and put right by this plan:', put),
    ...list('Changed outside Phoenix and left as it is:', left),
  ].join('\n');
}

function renderNotice(notice: Notice, palette: Palette): string {
  return `  ${palette.yellow('!')} ${notice.vmid === undefined ? '' : `${notice.vmid}: `}${stripControls(notice.message)}`;
}

function renderTotals(plan: Plan, palette: Palette): string {
  const count = (kind: ActionKind) => plan.guests.filter((guest) => guest.kind === kind).length;
  if (isEmptyPlan(plan)) return palette.green(`No changes: ${countGuests(plan.guests.length)} as declared.`);
  const parts = [
    [count('create'), 'to create'],
    [count('replace'), 'to replace'],
    [count('update') + count('run'), 'to change'],
    [count('delete'), 'to delete'],
    [count('none'), 'unchanged'],
  ] as const;
  return palette.bold(
    `Plan: ${parts
      .filter(([number]) => number > 0)
      .map(([number, what]) => `${number} ${what}`)
      .join(', ')}.`,
  );
}

function countGuests(number: number): string {
  return number === 1 ? '1 guest is' : `${number} guests are`;
}

function isWork(action: Action): boolean {
  return action.kind !== 'none';
}

function sign(kind: ActionKind, palette: Palette): string {
  return paint(kind, palette)(actionSymbols[kind]);
}

function paint(kind: ActionKind, palette: Palette): (text: string) => string {
  const colours = {
    create: palette.green,
    update: palette.yellow,
    replace: palette.red,
    run: palette.cyan,
    delete: palette.red,
    none: palette.dim,
  } as const satisfies Record<ActionKind, (text: string) => string>;
  return colours[kind];
}

function formatValue(value: PlanValue): string {
  if (value === null) return '(not set)';
  const text = stripControls(String(value).replaceAll('\n', '⏎'));
  return text.length > 100 ? `${text.slice(0, 99)}…` : text;
}

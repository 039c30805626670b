import type { ActionLabel, PhoenixEvent, Plan } from '@phoenix/core';
import { formatDuration } from './format-duration.js';
import type { Palette } from './palette.js';
import { padColumns, stripControls, textWidth } from './text-width.js';
import { STEP_TEXTS } from './wording.js';

const STEP_WIDTH = Math.max(...Object.values(STEP_TEXTS).map(textWidth));

/**
 * An event as lines for a log: who, which step, what. Empty where the event has nothing to say to people
 * (the plan and the summary have views of their own).
 * @param guestWidth columns for the guest's id and name, so that lines of one run stand in columns; 0 packs them
 */
export function renderEventLines(event: PhoenixEvent, palette: Palette, guestWidth = 0): readonly string[] {
  const who = 'actionId' in event ? subject(event, palette, guestWidth) : '';
  switch (event.type) {
    case 'run-started':
    case 'plan':
    case 'run-finished':
      return [];
    case 'action-started':
      return [`${palette.dim('·')} ${who}  ${titleOf(event)}`];
    case 'action-progress':
      return [
        `${palette.dim('…')} ${who}  ${stripControls(event.message)}${palette.dim(progressNote(event))}`,
      ];
    case 'task-log':
      return [`${palette.dim('│')} ${who}  ${palette.dim(stripControls(event.line))}`];
    case 'output':
      return [
        `${palette.dim('│')} ${who}${event.feature === undefined ? '' : ` ${palette.dim(event.feature)}`}  ${stripControls(event.line)}`,
      ];
    case 'action-finished':
      // Warnings stand in the summary, where they are seen.
      return [
        `${palette.green('✓')} ${who}  ${titleOf(event)}  ${palette.dim(event.outcome === 'unchanged' ? 'nothing to do' : formatDuration(event.durationMs))}`,
      ];
    case 'action-skipped':
      return [`${palette.yellow('-')} ${who}  skipped: ${stripControls(event.message)}`];
    case 'action-failed':
      return [
        `${palette.red('✗')} ${who}  ${palette.red(stripControls(event.message))} ${palette.dim(`[${event.code}]`)}`,
        ...event.details.map((line) => `    ${palette.dim(`│ ${stripControls(line)}`)}`),
        ...(event.hint === undefined ? [] : [`    ${palette.cyan('hint:')} ${stripControls(event.hint)}`]),
      ];
  }
}

/** Whom and what an event is about, in columns: `8001 docker-vm-01  clone`. Work that guests share has no whom. */
export function subject(label: ActionLabel, palette: Palette, guestWidth = 0): string {
  const guest = label.vmid === undefined ? '' : `${label.vmid} ${label.guest ?? ''}`.trimEnd();
  const step = palette.cyan(padColumns(STEP_TEXTS[label.step], guestWidth === 0 ? 0 : STEP_WIDTH));
  return guest === '' && guestWidth === 0 ? step : `${palette.bold(padColumns(guest, guestWidth))}  ${step}`;
}

/** How wide the column of guests must be for a plan. */
export function guestColumnWidth(plan: Plan): number {
  return Math.min(40, Math.max(0, ...plan.guests.map((guest) => textWidth(`${guest.vmid} ${guest.name}`))));
}

/** The title without the step's name, which stands before it. */
export function titleOf({ title, step }: ActionLabel): string {
  const text = stripControls(title);
  return text.startsWith(`${step} `) ? text.slice(step.length + 1) : text;
}

function progressNote(event: Extract<PhoenixEvent, { type: 'action-progress' }>): string {
  const said = event.message.includes('%');
  const percent = event.fraction === undefined || said ? '' : ` ${Math.floor(event.fraction * 100)} %`;
  return `${percent}  ${formatDuration(event.elapsedMs)}`;
}

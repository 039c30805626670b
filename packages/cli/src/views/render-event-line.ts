import type { ActionLabel, PhoenixEvent } from '@phoenix/core';
import { formatDuration } from './format-duration.js';
import type { Palette } from './palette.js';
import { stripControls } from './text-width.js';
import { STEP_TEXTS } from './wording.js';

/**
 * An event as lines for a log: who, which step, what. Empty where the event has nothing to say to people
 * (the plan and the summary have views of their own).
 */
export function renderEventLines(event: PhoenixEvent, palette: Palette): readonly string[] {
  switch (event.type) {
    case 'run-started':
    case 'plan':
    case 'run-finished':
      return [];
    case 'action-started':
      return [`${palette.dim('·')} ${subject(event, palette)}  ${stripControls(event.title)}`];
    case 'action-progress':
      return [
        `${palette.dim('…')} ${subject(event, palette)}  ${stripControls(event.message)}${palette.dim(progressNote(event))}`,
      ];
    case 'task-log':
      return [`${palette.dim('│')} ${subject(event, palette)}  ${palette.dim(stripControls(event.line))}`];
    case 'output':
      return [
        `${palette.dim('│')} ${subject(event, palette)}${event.feature === undefined ? '' : ` ${palette.dim(event.feature)}`}  ${stripControls(event.line)}`,
      ];
    case 'action-finished':
      return [
        `${palette.green('✓')} ${subject(event, palette)}  ${stripControls(event.title)}  ${palette.dim(event.outcome === 'unchanged' ? 'nothing to do' : formatDuration(event.durationMs))}`,
        ...event.warnings.map(
          (warning) =>
            `  ${palette.yellow('!')} ${subject(event, palette)}  ${palette.yellow(stripControls(warning))}`,
        ),
      ];
    case 'action-skipped':
      return [`${palette.yellow('-')} ${subject(event, palette)}  skipped: ${stripControls(event.message)}`];
    case 'action-failed':
      return [
        `${palette.red('✗')} ${subject(event, palette)}  ${palette.red(stripControls(event.message))} ${palette.dim(`[${event.code}]`)}`,
        ...event.details.map((line) => `    ${palette.dim(`│ ${stripControls(line)}`)}`),
        ...(event.hint === undefined ? [] : [`    ${palette.cyan('hint:')} ${stripControls(event.hint)}`]),
      ];
  }
}

/** Whom and what an event is about: `8001 docker-vm-01 clone`. */
export function subject(label: ActionLabel, palette: Palette): string {
  const guest =
    label.vmid === undefined
      ? ''
      : `${palette.bold(`${label.vmid}${label.guest === undefined ? '' : ` ${label.guest}`}`)} `;
  return `${guest}${palette.cyan(STEP_TEXTS[label.step])}`;
}

function progressNote(event: Extract<PhoenixEvent, { type: 'action-progress' }>): string {
  const percent = event.fraction === undefined ? '' : ` ${Math.floor(event.fraction * 100)} %`;
  return `${percent}  ${formatDuration(event.elapsedMs)}`;
}

import type { GuestSummary, RunSummary } from '@phoenix/core';
import { formatDuration } from './format-duration.js';
import type { Palette } from './palette.js';
import { stripControls } from './text-width.js';

/** The end of a run for people: failures with what to do, what was skipped, warnings once more, one closing line. */
export function renderSummary(summary: RunSummary, palette: Palette): string {
  return `${[
    ...summary.guests.flatMap((guest) => renderGuest(guest, palette)),
    ...summary.warnings.map(
      (warning) =>
        `${palette.yellow('!')} ${warning.vmid === undefined ? '' : `${warning.vmid} `}${stripControls(warning.message)}`,
    ),
    ...(summary.leftRunning.length === 0
      ? []
      : [
          palette.yellow(
            'Still running on the cluster; running the same command again continues from there:',
          ),
          ...summary.leftRunning.map((upid) => `    ${upid}`),
        ]),
    closingLine(summary, palette),
  ].join('\n')}\n`;
}

function renderGuest(guest: GuestSummary, palette: Palette): readonly string[] {
  switch (guest.outcome) {
    case 'unchanged':
    case 'changed':
      return [];
    case 'failed':
      return [
        `${palette.red('✗')} ${palette.bold(`${guest.vmid} ${guest.name}`)} failed: ${stripControls(guest.message ?? guest.code ?? 'no reason given')}`,
        ...(guest.hint === undefined ? [] : [`    ${palette.cyan('hint:')} ${stripControls(guest.hint)}`]),
      ];
    case 'skipped':
    case 'interrupted':
      return [
        `${palette.yellow('-')} ${palette.bold(`${guest.vmid} ${guest.name}`)} ${guest.outcome}${guest.message === undefined ? '' : `: ${stripControls(guest.message)}`}`,
      ];
  }
}

function closingLine(summary: RunSummary, palette: Palette): string {
  const count = (outcome: GuestSummary['outcome']) =>
    summary.guests.filter((guest) => guest.outcome === outcome).length;
  const counts = (['changed', 'unchanged', 'failed', 'skipped', 'interrupted'] as const)
    .map((outcome) => [count(outcome), outcome] as const)
    .filter(([number]) => number > 0)
    .map(([number, outcome]) => `${number} ${outcome}`)
    .join(', ');
  const paint = { ok: palette.green, failed: palette.red, interrupted: palette.yellow }[summary.outcome];
  const word = { ok: 'Done', failed: 'Failed', interrupted: 'Interrupted' }[summary.outcome];
  return paint(`${word} in ${formatDuration(summary.durationMs)}${counts === '' ? '' : `: ${counts}`}.`);
}

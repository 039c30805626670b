import type { GuestStatus } from '@phoenix/core';
import { formatDuration } from './format-duration.js';
import type { Palette } from './palette.js';
import { renderTable } from './render-table.js';
import { stripControls } from './text-width.js';

/** Guests as a table; columns that are empty for every guest are left out. Ends with a line break. */
export function renderStatus(guests: readonly GuestStatus[], palette: Palette): string {
  if (guests.length === 0) return 'No guests are declared.\n';
  const columns: readonly (readonly [string, (guest: GuestStatus) => string])[] = [
    ['ID', (guest) => palette.bold(String(guest.vmid))],
    ['NAME', (guest) => stripControls(guest.name)],
    ['KIND', (guest) => (guest.template ? `${guest.guestKind} template` : guest.guestKind)],
    ['NODE', (guest) => guest.node ?? '-'],
    ['STATUS', (guest) => paintStatus(guest, palette)],
    [
      'UPTIME',
      (guest) => (guest.uptimeSeconds === undefined ? '' : formatDuration(guest.uptimeSeconds * 1_000)),
    ],
    ['CORES', (guest) => (guest.cores === undefined ? '' : String(guest.cores))],
    ['MEMORY', (guest) => (guest.memoryMib === undefined ? '' : `${guest.memoryMib} MiB`)],
    ['ADDRESS', (guest) => guest.addresses.join(' ')],
    ['FEATURES', (guest) => guest.features.join(' ')],
    ['NOTE', (guest) => palette.yellow(describe(guest))],
  ];
  return renderTable(
    columns.map(([title]) => title),
    guests.map((guest) => columns.map(([, cell]) => cell(guest))),
    palette,
  );
}

function paintStatus(guest: GuestStatus, palette: Palette): string {
  switch (guest.status) {
    case 'running':
      return palette.green('running');
    case 'stopped':
      return guest.template ? 'stopped' : palette.yellow('stopped');
    case 'missing':
      return palette.red('missing');
    case 'unknown':
      return palette.yellow('unknown');
  }
}

function describe(guest: GuestStatus): string {
  return [
    guest.status !== 'missing' && !guest.managed ? 'not ours' : '',
    guest.lock === undefined ? '' : `locked: ${guest.lock}`,
    guest.pending.length === 0 ? '' : `waits for a cold start: ${guest.pending.join(', ')}`,
  ]
    .filter((note) => note !== '')
    .join('; ');
}

import type { ActionLabel, PhoenixEvent } from '@phoenix/core';
import { describe, expect, it } from 'vitest';
import { createMemoryOutput } from '../../test/memory-output.js';
import { createLinesView } from './lines-view.js';
import { createPalette } from './palette.js';

const label: ActionLabel = {
  actionId: 'a',
  vmid: 8001,
  guest: 'vm',
  step: 'features',
  kind: 'run',
  reason: 'missing',
  title: 'docker',
};
const at = '2026-01-01T08:09:10.123Z';

function show(...events: readonly PhoenixEvent[]): readonly string[] {
  const output = createMemoryOutput();
  const view = createLinesView(output, createPalette(false));
  for (const event of events) view.showEvent(event);
  return output.text().split('\n');
}

describe('the lines view', () => {
  it('prints one line per event with the time of day', () => {
    expect(
      show(
        { type: 'action-started', at, ...label },
        { type: 'output', at, ...label, feature: 'docker', stream: 'stdout', line: 'Unpacking…' },
        {
          type: 'action-finished',
          at,
          ...label,
          outcome: 'ok',
          durationMs: 61_000,
          warnings: [],
        },
      ),
    ).toEqual([
      '08:09:10 · 8001 vm  features  docker',
      '08:09:10 │ 8001 vm  features docker  Unpacking…',
      '08:09:10 ✓ 8001 vm  features  docker  1 min 01 s',
      '',
    ]);
  });

  it('repeats a wait only when its reason changes', () => {
    const wait = (message: string): PhoenixEvent => ({
      type: 'action-progress',
      at,
      ...label,
      message,
      elapsedMs: 1_000,
    });
    expect(show(wait('booting for 1 s'), wait('booting for 2 s'), wait('cloud-init runs')).length).toBe(3);
  });

  it('ends with a summary that names failures, what was skipped and what is left running', () => {
    const lines = show({
      type: 'run-finished',
      at,
      summary: {
        outcome: 'failed',
        durationMs: 12_300,
        done: 1,
        failed: 1,
        skipped: 1,
        guests: [
          {
            vmid: 8000,
            name: 'template',
            outcome: 'failed',
            code: 'PVE_STORAGE',
            message: 'no space left',
            hint: 'free some',
          },
          { vmid: 8001, name: 'vm', outcome: 'skipped', message: '8000 failed' },
        ],
        warnings: [{ vmid: 8000, message: 'odd' }],
        leftRunning: ['UPID:pve:1'],
      },
    });
    expect(lines).toEqual([
      '',
      '✗ 8000 template failed: no space left',
      '    hint: free some',
      '- 8001 vm skipped: 8000 failed',
      '! 8000 odd',
      'Still running on the cluster; running the same command again continues from there:',
      '    UPID:pve:1',
      'Failed in 12 s: 1 failed, 1 skipped.',
      '',
    ]);
  });
});

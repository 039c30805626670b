import type { ActionLabel, PhoenixEvent } from '@phoenix/core';
import { describe, expect, it } from 'vitest';
import { createMemoryOutput, screenOf } from '../../test/memory-output.js';
import { createLiveView } from './live-view.js';
import { createPalette } from './palette.js';

const label: ActionLabel = {
  actionId: '8001/wait-agent',
  vmid: 8001,
  guest: 'docker-vm-01',
  step: 'wait-agent',
  kind: 'run',
  reason: 'missing',
  title: 'wait for the guest agent',
};
const at = '2026-01-01T00:00:00.000Z';
const started: PhoenixEvent = { type: 'action-started', at, ...label };
const finished: PhoenixEvent = {
  type: 'action-finished',
  at,
  ...label,
  outcome: 'ok',
  durationMs: 4_200,
  warnings: [],
};

function openView(columns = 80, rows = 24) {
  const output = createMemoryOutput(true, columns, rows);
  let now = 0;
  const view = createLiveView(output, createPalette(false), { now: () => now });
  return {
    view,
    screen: () => screenOf(output.text()),
    text: output.text,
    pass: (milliseconds: number) => {
      now += milliseconds;
    },
  };
}

describe('the live view', () => {
  it('shows a running step with its elapsed time and the reason of the wait', () => {
    const { view, screen, pass } = openView();
    view.showEvent(started);
    pass(3_400);
    view.showEvent({
      type: 'action-progress',
      at,
      ...label,
      message: 'not answering yet (booting)',
      elapsedMs: 3_400,
    });
    expect(screen()).toEqual(['⠋ 8001 docker-vm-01  guest agent  not answering yet (booting)  3.4 s', '']);
    view.close();
  });

  it('leaves one line per finished step and none of the running ones', () => {
    const { view, screen } = openView();
    view.showEvent(started);
    view.showEvent(finished);
    view.close();
    expect(screen()).toEqual(['✓ 8001 docker-vm-01  guest agent  wait for the guest agent  4.2 s', '']);
  });

  it('never draws wider than the terminal, nor more rows than it has', () => {
    const { view, screen } = openView(60, 8);
    for (let index = 0; index < 20; index += 1)
      view.showEvent({
        ...started,
        actionId: String(index),
        title: 'a title that is much too long for such a narrow terminal',
      });
    const rows = screen();
    expect(rows.length).toBeLessThanOrEqual(8);
    expect(rows.every((row) => row.length < 60)).toBe(true);
    expect(rows.at(-2)).toBe('  … and 16 more');
    view.close();
  });

  it('shows why a step failed, with the last lines of what failed and what to do', () => {
    const { view, screen } = openView();
    view.showEvent(started);
    view.showEvent({
      type: 'action-failed',
      at,
      ...label,
      durationMs: 1,
      code: 'PVE_AGENT_NOT_RUNNING',
      message: 'The guest agent did not answer within 5 min.',
      hint: 'Look at the console.',
      details: ['login:'],
    });
    view.close();
    expect(screen()).toEqual([
      '✗ 8001 docker-vm-01  guest agent  The guest agent did not answer within 5 min. [PVE_AGENT_NOT_RUNNING]',
      '    │ login:',
      '    hint: Look at the console.',
      '',
    ]);
  });

  it('shows the cursor again when it closes', () => {
    const { view, text } = openView();
    view.showEvent(started);
    view.close();
    expect(text().endsWith('\u001b[?25h')).toBe(true);
  });
});

import type { PhoenixEvent } from '@phoenix/core';
import type { Output } from '../context.js';
import type { Palette } from './palette.js';
import { guestColumnWidth, renderEventLines } from './render-event-line.js';
import { renderPlan } from './render-plan.js';
import { renderSummary } from './render-summary.js';
import type { RunView } from './run-view.js';

export interface LinesViewOptions {
  /** Shows the logs of tasks and what was skipped step by step, too; default false. */
  readonly verbose?: boolean | undefined;
}

/** One line per event, each with its time of day: for pipes, logs and CI. A wait is repeated only when its reason changes. */
export function createLinesView(
  output: Output,
  palette: Palette,
  { verbose = false }: LinesViewOptions = {},
): RunView {
  const lastMessages = new Map<string, string>();
  let guestWidth = 0;
  return {
    showPlan: (plan) => {
      guestWidth = guestColumnWidth(plan);
      output.write(renderPlan(plan, palette));
    },
    showEvent: (event) => {
      if (event.type === 'run-started') output.write('\n');
      else if (event.type === 'run-finished') output.write(`\n${renderSummary(event.summary, palette)}`);
      else if ((verbose || !isDetail(event)) && !isRepetition(event, lastMessages))
        for (const line of renderEventLines(event, palette, guestWidth))
          output.write(`${palette.dim(event.at.slice(11, 19))} ${line}\n`);
    },
    showMessage: (message) => output.write(`${message}\n`),
    close: () => {},
  };
}

function isDetail(event: PhoenixEvent): boolean {
  return event.type === 'task-log' || event.type === 'action-skipped';
}

function isRepetition(event: PhoenixEvent, lastMessages: Map<string, string>): boolean {
  if (event.type !== 'action-progress') return false;
  // Seconds and percentages that only count on are no news.
  const message = event.message.replace(/\d+([.,]\d+)?( ?[KMGT]?i?B\b)?/g, '#');
  if (lastMessages.get(event.actionId) === message) return true;
  lastMessages.set(event.actionId, message);
  return false;
}

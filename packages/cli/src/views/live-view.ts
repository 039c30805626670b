import type { ActionLabel, PhoenixEvent } from '@phoenix/core';
import type { Output } from '../context.js';
import { formatDuration } from './format-duration.js';
import type { Palette } from './palette.js';
import { guestColumnWidth, renderEventLines, subject, titleOf } from './render-event-line.js';
import { renderPlan } from './render-plan.js';
import { renderSummary } from './render-summary.js';
import type { RunView } from './run-view.js';
import { stripControls, textWidth, truncate } from './text-width.js';

const FRAMES = ['⠋', '⠙', '⠹', '⠸', '⠼', '⠴', '⠦', '⠧', '⠇', '⠏'];
const FRAME_MS = 100;
const HIDE_CURSOR = '\u001b[?25l';
const SHOW_CURSOR = '\u001b[?25h';

interface Running {
  readonly label: ActionLabel;
  readonly startedAt: number;
  message: string;
  fraction?: number | undefined;
}

export interface LiveViewOptions {
  /** Shows the output of features and task logs line by line, too; default false: only their latest line. */
  readonly verbose?: boolean | undefined;
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
}

/**
 * For a terminal: what is finished scrolls up as lines; below it one line per running step, redrawn in place,
 * with the elapsed time and the reason of a wait.
 */
export function createLiveView(output: Output, palette: Palette, options: LiveViewOptions = {}): RunView {
  const now = options.now ?? (() => performance.now());
  const running = new Map<string, Running>();
  let guestWidth = 0;
  let drawnRows = 0;
  let frame = 0;
  let timer: NodeJS.Timeout | undefined;

  const draw = (above: readonly string[]): void => {
    const erase = drawnRows === 0 ? '' : `\u001b[${drawnRows}A\r\u001b[J`;
    const rows = renderRunning(
      running,
      { now: now(), frame, columns: output.columns(), rows: output.rows(), guestWidth },
      palette,
    );
    drawnRows = rows.length;
    const text = [...above, ...rows].map((line) => `${line}\n`).join('');
    if (erase !== '' || text !== '') output.write(erase + text);
  };

  const start = (): void => {
    if (timer !== undefined) return;
    output.write(HIDE_CURSOR);
    timer = setInterval(() => {
      frame += 1;
      if (running.size > 0) draw([]);
    }, FRAME_MS);
    timer.unref();
  };

  const close = (): void => {
    if (timer === undefined) return;
    clearInterval(timer);
    timer = undefined;
    running.clear();
    draw([]);
    output.write(SHOW_CURSOR);
  };

  return {
    showPlan: (plan) => {
      guestWidth = guestColumnWidth(plan);
      output.write(renderPlan(plan, palette));
    },
    showMessage: (message) => draw([message]),
    showEvent: (event) => {
      if (event.type === 'run-finished') {
        close();
        output.write(`\n${renderSummary(event.summary, palette)}`);
        return;
      }
      if (event.type === 'run-started') output.write('\n');
      start();
      track(event, running, now());
      draw(isPermanent(event, options.verbose === true) ? renderEventLines(event, palette, guestWidth) : []);
    },
    close,
  };
}

function isPermanent(event: PhoenixEvent, verbose: boolean): boolean {
  switch (event.type) {
    case 'output':
    case 'task-log':
      return verbose;
    case 'action-skipped':
      // The summary says which guests were skipped and why.
      return verbose;
    case 'action-started':
    case 'action-progress':
      return false;
    default:
      return true;
  }
}

function track(event: PhoenixEvent, running: Map<string, Running>, now: number): void {
  switch (event.type) {
    case 'action-started':
      running.set(event.actionId, { label: event, startedAt: now, message: titleOf(event) });
      return;
    case 'action-progress':
    case 'task-log':
    case 'output': {
      const entry = running.get(event.actionId);
      if (entry === undefined) return;
      entry.message = event.type === 'action-progress' ? event.message : event.line;
      entry.fraction = event.type === 'action-progress' ? event.fraction : undefined;
      return;
    }
    case 'action-finished':
    case 'action-failed':
    case 'action-skipped':
      running.delete(event.actionId);
      return;
    default:
      return;
  }
}

function renderRunning(
  running: ReadonlyMap<string, Running>,
  at: {
    readonly now: number;
    readonly frame: number;
    readonly columns: number;
    readonly rows: number;
    readonly guestWidth: number;
  },
  palette: Palette,
): readonly string[] {
  const limit = Math.max(1, at.rows - 3);
  const entries = [...running.values()];
  const shown = entries.length > limit ? entries.slice(0, limit - 1) : entries;
  const spinner = FRAMES[at.frame % FRAMES.length] ?? '';
  const lines = shown.map((entry) => {
    const head = `${palette.cyan(spinner)} ${subject(entry.label, palette, at.guestWidth)}  `;
    const percent =
      entry.fraction === undefined || entry.message.includes('%')
        ? ''
        : `${Math.floor(entry.fraction * 100)} % `;
    const tail = `  ${percent}${formatDuration(at.now - entry.startedAt)}`;
    const room = at.columns - 1 - textWidth(head) - textWidth(tail);
    return `${head}${truncate(stripControls(entry.message), room)}${palette.dim(tail)}`;
  });
  return shown.length === entries.length
    ? lines
    : [...lines, palette.dim(`  … and ${entries.length - shown.length} more`)];
}

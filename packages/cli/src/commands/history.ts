import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { parseTargets } from '../parse-targets.js';
import { listRuns, type RecordedRun, readRun, readRunEvents } from '../recorded-runs.js';
import { formatDuration } from '../views/format-duration.js';
import { createLinesView } from '../views/lines-view.js';
import { createNdjsonView } from '../views/ndjson-view.js';
import { createPalette, type Palette, wantsColour } from '../views/palette.js';
import { renderTable } from '../views/render-table.js';

/** What `phoenix history` takes. */
export interface HistoryOptions extends GlobalOptions {
  readonly run?: string;
  readonly limit?: number;
}

/** `phoenix history`: earlier runs of this user on this machine, and what happened in one of them. */
export async function runHistory(
  context: Context,
  ids: readonly string[],
  options: HistoryOptions,
): Promise<ExitCodeName> {
  const palette = createPalette(
    wantsColour({ env: context.env, option: options.color, output: context.stdout }),
  );
  const [word, ...others] = ids;
  const named =
    options.run ?? (word !== undefined && others.length === 0 && isRunName(word) ? word : undefined);
  if (named !== undefined) return showOne(context, named, options, palette);
  const targets = ids.length === 0 ? 'all' : parseTargets(ids, false);
  const runs = (await listRuns(context))
    .filter((run) => targets === 'all' || run.vmids.some((vmid) => targets.includes(vmid)))
    .slice(0, options.limit ?? 20);
  context.stdout.write(
    options.json === true
      ? runs.map((run) => `${JSON.stringify(run)}\n`).join('')
      : renderTable(
          ['WHEN', 'COMMAND', 'GUESTS', 'OUTCOME', 'TOOK', 'RUN'],
          runs.map((run) => renderRow(run, palette)),
          palette,
        ),
  );
  return 'done';
}

/** `2026-01-31T23-59-59-999Z-4711`; ids of guests are numbers. */
function isRunName(word: string): boolean {
  return /^\d{4}-\d\d-\d\dT/.test(word);
}

async function showOne(
  context: Context,
  name: string,
  options: GlobalOptions,
  palette: Palette,
): Promise<ExitCodeName> {
  const events = await readRunEvents(context, name);
  if (events === undefined)
    throw new CliError({
      code: 'CLI_UNKNOWN_RUN',
      exit: 'missing',
      message: `There is no record of a run ${name}.`,
      hint: '`phoenix history` lists the runs that are kept.',
    });
  const view =
    options.json === true
      ? createNdjsonView(context.stdout)
      : createLinesView(context.stdout, palette, { verbose: true });
  for (const event of events) view.showEvent(event);
  const run = await readRun(context, name);
  if (run !== undefined && options.json !== true) context.stdout.write(renderEnd(run));
  return 'done';
}

/** How a run ended that has no summary. */
function renderEnd({ outcome, code }: RecordedRun): string {
  switch (outcome) {
    case 'killed':
      return 'Killed: the process ended without a word. Running the same command again continues.\n';
    case 'running':
      return 'Running: it has not ended yet.\n';
    case 'refused':
      return `Refused: it ended with ${code ?? 'an error'}.\n`;
    default:
      return '';
  }
}

function renderRow(run: RecordedRun, palette: Palette): readonly string[] {
  const paint = {
    ok: palette.green,
    failed: palette.red,
    interrupted: palette.yellow,
    refused: palette.red,
    killed: palette.yellow,
    running: palette.cyan,
  };
  const shown = run.vmids.slice(0, 5).join(' ');
  return [
    run.at.slice(0, 19).replace('T', ' '),
    run.command,
    run.vmids.length > 5 ? `${shown} and ${run.vmids.length - 5} more` : shown,
    paint[run.outcome](run.outcome),
    run.durationMs === undefined ? '' : formatDuration(run.durationMs),
    palette.dim(run.name),
  ];
}

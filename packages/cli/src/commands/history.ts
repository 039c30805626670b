import { CliError } from '../cli-error.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { parseTargets } from '../parse-targets.js';
import { listRuns, type RecordedRun, readRunEvents } from '../run-record.js';
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
  if (options.run !== undefined) return showOne(context, options.run, options, palette);
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
  return 'done';
}

function renderRow(run: RecordedRun, palette: Palette): readonly string[] {
  const paint = {
    ok: palette.green,
    failed: palette.red,
    interrupted: palette.yellow,
    unfinished: palette.yellow,
  };
  const shown = run.vmids.slice(0, 5).join(' ');
  return [
    run.at.slice(0, 19).replace('T', ' '),
    run.command,
    run.vmids.length > 5 ? `${shown} and ${run.vmids.length - 5} more` : shown,
    paint[run.outcome](run.outcome),
    run.summary === undefined ? '' : formatDuration(run.summary.durationMs),
    palette.dim(run.name),
  ];
}

import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import type { GlobalOptions } from '../global-options.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseTargets } from '../parse-targets.js';
import { commandLine, showRun } from '../show-run.js';
import { createRunView } from '../views/create-run-view.js';

/** What `phoenix start`, `stop` and `restart` take. */
export interface PowerCommandOptions extends GlobalOptions {
  readonly all?: boolean;
  readonly force?: boolean;
}

/** `phoenix start`, `stop`, `restart`. */
export async function runPower(
  context: Context,
  verb: 'start' | 'stop' | 'restart',
  ids: readonly string[],
  options: PowerCommandOptions,
): Promise<ExitCodeName> {
  const targets = parseTargets(ids, options.all);
  const { orchestrator } = await openOrchestrator(context, options);
  const events = orchestrator[verb](targets, { signal: context.signal, force: options.force === true });
  return showRun(events, createRunView(context, options), context, commandLine(verb, ids, options));
}

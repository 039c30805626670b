import { CliError } from '../cli-error.js';
import { confirm } from '../confirm.js';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseTargets } from '../parse-targets.js';
import { commandLine, showRun } from '../show-run.js';
import { createRunView } from '../views/create-run-view.js';
import type { PowerCommandOptions } from './power.js';

/** What `phoenix delete` takes. */
export interface DeleteCommandOptions extends PowerCommandOptions {
  readonly yes?: boolean;
  readonly adopt?: boolean;
}

/** `phoenix delete`: shows what would go, asks on a terminal (elsewhere `--yes` is needed), deletes. */
export async function runDelete(
  context: Context,
  ids: readonly string[],
  options: DeleteCommandOptions,
): Promise<ExitCodeName> {
  const targets = parseTargets(ids, options.all);
  const asks = options.yes !== true;
  if (asks && !(context.stdin.isTTY === true && context.stdout.isTerminal && options.json !== true))
    throw new CliError({
      code: 'CLI_CONFIRM',
      exit: 'refused',
      message: 'Deleting needs a confirmation, and there is no terminal to ask on.',
      hint: 'Add --yes to delete without being asked; `phoenix status` shows what stands there.',
    });
  const { orchestrator } = await openOrchestrator(context, options);
  const settings = { adopt: options.adopt === true, force: options.force === true, signal: context.signal };
  const plan = await orchestrator.planDelete(targets, settings);
  const view = createRunView(context, options);
  view.showPlan(plan);
  const doomed = plan.guests.filter((guest) => guest.kind === 'delete');
  if (doomed.length === 0) return 'done';
  if (asks && !(await confirm(`Delete ${doomed.map((guest) => `${guest.vmid} ${guest.name}`).join(', ')}?`)))
    throw new CliError({ code: 'CLI_DECLINED', exit: 'refused', message: 'Nothing was deleted.' });
  return showRun(orchestrator.delete(targets, settings), view, context, commandLine('delete', ids, options));
}

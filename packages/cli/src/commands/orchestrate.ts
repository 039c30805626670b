import { isEmptyPlan } from '@phoenix/core';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseTargets } from '../parse-targets.js';
import { type PlanFlags, planOptions } from '../plan-flags.js';
import { readPlanFile } from '../read-plan-file.js';
import { commandLine, showRun } from '../show-run.js';
import { createRunView } from '../views/create-run-view.js';

/** What `phoenix orchestrate` takes. */
export interface OrchestrateOptions extends PlanFlags {
  readonly plan?: string;
  readonly parallel?: number;
  readonly failFast?: boolean;
  readonly removeFeatures?: boolean;
}

/** `phoenix orchestrate`: plans, shows the plan and applies it. */
export async function runOrchestrate(
  context: Context,
  ids: readonly string[],
  options: OrchestrateOptions,
): Promise<ExitCodeName> {
  const targets = options.plan === undefined ? parseTargets(ids, options.all) : undefined;
  const { orchestrator } = await openOrchestrator(context, options);
  const plan =
    targets === undefined
      ? await readPlanFile(context, options.plan ?? '')
      : await orchestrator.plan(targets, planOptions(context, options));
  const view = createRunView(context, options);
  view.showPlan(plan);
  if (isEmptyPlan(plan) && options.json !== true) return 'done';
  return showRun(
    orchestrator.apply(plan, {
      signal: context.signal,
      failFast: options.failFast === true,
      removeFeatures: options.removeFeatures === true,
      ...(options.parallel === undefined ? {} : { parallel: options.parallel }),
    }),
    view,
    context,
    commandLine('orchestrate', ids, options),
  );
}

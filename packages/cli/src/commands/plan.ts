import { writeFile } from 'node:fs/promises';
import { resolve } from 'node:path';
import { isEmptyPlan } from '@phoenix/core';
import type { Context } from '../context.js';
import type { ExitCodeName } from '../exit-codes.js';
import { openOrchestrator } from '../open-orchestrator.js';
import { parseTargets } from '../parse-targets.js';
import { type PlanFlags, planOptions } from '../plan-flags.js';
import { createRunView } from '../views/create-run-view.js';
import { renderGraph } from '../views/render-graph.js';

/** What `phoenix plan` takes. */
export interface PlanCommandOptions extends PlanFlags {
  readonly out?: string;
  readonly detailedExitcode?: boolean;
  readonly graph?: 'mermaid' | 'dot';
}

/** `phoenix plan`: shows what `orchestrate` would do; sends no mutating request. */
export async function runPlan(
  context: Context,
  ids: readonly string[],
  options: PlanCommandOptions,
): Promise<ExitCodeName> {
  const targets = parseTargets(ids, options.all);
  const { orchestrator } = await openOrchestrator(context, options);
  const plan = await orchestrator.plan(targets, planOptions(context, options));
  if (options.out !== undefined)
    await writeFile(resolve(context.cwd, options.out), `${JSON.stringify(plan, undefined, 2)}\n`);
  if (options.graph === undefined) createRunView(context, options).showPlan(plan);
  else context.stdout.write(renderGraph(plan, options.graph));
  return options.detailedExitcode === true && !isEmptyPlan(plan) ? 'changesPending' : 'done';
}

import type { FeatureCatalogue } from '@phoenix/features';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import type { PhoenixEvent } from '../apply/phoenix-event.js';
import { runPlan } from '../apply/run-plan.js';
import type { Config, DeclaredGuest } from '../config/model.js';
import { PhoenixError } from '../errors/phoenix-error.js';
import { importGuests } from '../import/import-guests.js';
import type { GuestMaterials, PlanPolicy } from '../kinds/guest-kind.js';
import { guestKinds } from '../kinds/guest-kinds.js';
import type { Inventory } from '../observe/inventory.js';
import { observeCluster } from '../observe/observe-cluster.js';
import { assertPlanValid } from '../plan/assert-plan-valid.js';
import { digestDeclaration } from '../plan/digest-declarations.js';
import { digestOf } from '../plan/digest-of.js';
import { EarlyDrafts } from '../plan/early-drafts.js';
import { type Plan, planSchema } from '../plan/plan.js';
import { planGuests } from '../plan/plan-guests.js';
import { selectTargets, selectWithPrerequisites } from '../plan/select-guests.js';
import { createRedactor, type Redactor } from '../secrets/redactor.js';
import { writtenSecrets } from '../secrets/resolve-secrets.js';
import { createSecretResolver } from '../secrets/secret-resolver.js';
import { gatherMaterials, loadConfigFeatures } from './gather-materials.js';
import { inTurns } from './in-turns.js';
import { openShellOf } from './open-shell.js';
import type {
  ApplyOptions,
  DeleteOptions,
  Orchestrator,
  PlanOptions,
  PowerOptions,
  Targets,
} from './orchestrator.js';
import { planRequested, type Request } from './plan-requested.js';
import { readStatus } from './read-status.js';

/** What an orchestrator works with. */
export interface OrchestratorSetup {
  readonly client: ProxmoxClient;
  readonly config: Config;
  /** Takes secrets out of events; secrets that are resolved are added to it. Default: one of its own. */
  readonly redactor?: Redactor;
  /** Where `env:` secrets are read; default `process.env`. */
  readonly environment?: Readonly<Record<string, string | undefined>>;
}

function policyOf(options: PlanOptions): PlanPolicy {
  return {
    adopt: options.adopt ?? false,
    allowReplace: options.allowReplace ?? false,
    correctDrift: options.correctDrift ?? true,
    checkFeatures: options.checkFeatures ?? false,
    ...(options.reboot === undefined ? {} : { reboot: options.reboot }),
  };
}

/**
 * Makes an orchestrator of one configuration for one cluster. Touches nothing until a method is called.
 *
 * ```ts
 * const orchestrator = createOrchestrator({ client, config: await loadConfig('phoenix.json') });
 * const plan = await orchestrator.plan([8001]);
 * for await (const event of orchestrator.apply(plan)) console.log(event);
 * ```
 */
export function createOrchestrator({
  client,
  config,
  redactor = createRedactor(),
  environment,
}: OrchestratorSetup): Orchestrator {
  for (const secret of writtenSecrets(config.guests)) redactor.add(secret);
  const secrets = createSecretResolver({
    redactor,
    directory: config.directory,
    ...(environment === undefined ? {} : { environment }),
  });
  let catalogue: Promise<FeatureCatalogue> | undefined;
  /** Plans made here, with what they were made from; a plan from elsewhere is checked against the world first. */
  const known = new WeakMap<Plan, ReadonlyMap<number, GuestMaterials>>();

  const concernedBy = (targets: Targets): readonly DeclaredGuest[] =>
    selectWithPrerequisites(config, selectTargets(config, targets));
  const gather = async (guests: readonly DeclaredGuest[]) => {
    catalogue ??= loadConfigFeatures(config);
    return gatherMaterials(guests, await catalogue, secrets);
  };
  const observe = (targets: Targets, signal?: AbortSignal): Promise<Inventory> =>
    observeCluster(client, { kinds: guestKinds, concerned: concernedBy(targets), signal });

  const makePlan = async (targets: Targets, options: PlanOptions): Promise<Plan> => {
    const concerned = concernedBy(targets);
    const policy = policyOf(options);
    let drafts: EarlyDrafts | undefined;
    const [inventory, input] = await Promise.all([
      observeCluster(client, {
        kinds: guestKinds,
        concerned,
        signal: options.signal,
        onGuest: (vmid, soFar) => drafts?.add(vmid, soFar),
      }),
      gather(concerned).then(async (materials) => {
        const input = { config, materials, policy, kinds: guestKinds };
        drafts = new EarlyDrafts(input, concerned);
        // The plan needs all of them at its end; taken here, many fall into the wait for the cluster.
        await inTurns(concerned, digestDeclaration);
        return input;
      }),
    ]);
    const { materials } = input;
    const plan = planGuests({ ...input, inventory, targets, ...(drafts === undefined ? {} : { drafts }) });
    assertPlanValid(plan);
    known.set(plan, materials);
    return plan;
  };

  /** Makes the plan anew and compares: equal plans follow from an equal world. */
  const recheck = async (plan: Plan, options: PlanOptions): Promise<Plan> => {
    const parsed = planSchema.safeParse(plan);
    if (!parsed.success) {
      throw new PhoenixError({
        code: 'PHOENIX_PLAN_INVALID',
        message: `The plan cannot be read: ${parsed.error.issues[0]?.path.join('.')} ${parsed.error.issues[0]?.message}.`,
        hint: 'Make the plan anew.',
        cause: parsed.error,
      });
    }
    const now = await makePlan(plan.targets, { ...options, ...plan.policy });
    if (digestOf(now) === digestOf(plan)) return now;
    throw new PhoenixError({
      code: 'PHOENIX_PLAN_STALE',
      message: `The plan no longer fits: ${describeDifference(plan, now)}.`,
      hint: 'Make the plan anew, look at it, and apply that. Nothing was done.',
    });
  };

  async function* apply(given: Plan, options: ApplyOptions): AsyncGenerator<PhoenixEvent, void> {
    const plan = known.has(given) ? given : await recheck(given, options);
    const materials = known.get(plan) ?? new Map<number, GuestMaterials>();
    yield* runPlan({
      plan,
      client,
      config,
      kinds: guestKinds,
      materials,
      parallel: options.parallel ?? 16,
      failFast: options.failFast ?? false,
      removeFeatures: options.removeFeatures ?? false,
      signal: options.signal ?? new AbortController().signal,
      redactor,
      secrets,
    });
  }

  const idsOf = (targets: Targets): readonly number[] =>
    targets === 'all' ? config.guests.map((guest) => guest.vmid) : targets;

  const makeRequest = async (targets: Targets, request: Request, signal?: AbortSignal): Promise<Plan> => {
    const ids = idsOf(targets);
    // A template's linked clones may be anybody's: deleting looks at every guest.
    const further = request.verb === 'delete' ? 'all' : ids;
    const inventory = await observeCluster(client, { kinds: guestKinds, further, signal });
    const plan = planRequested(config, inventory, ids, request);
    assertPlanValid(plan);
    known.set(plan, new Map());
    return plan;
  };
  async function* carryOut(
    targets: Targets,
    request: Request,
    options: ApplyOptions,
  ): AsyncGenerator<PhoenixEvent, void> {
    yield* apply(await makeRequest(targets, request, options.signal), options);
  }

  return {
    observe: (targets, options = {}) => observe(targets, options.signal),
    plan: (targets, options = {}) => makePlan(targets, options),
    apply: (plan, options = {}) => apply(plan, options),
    start: (targets, options: PowerOptions = {}) => carryOut(targets, { verb: 'start' }, options),
    stop: (targets, options: PowerOptions = {}) =>
      carryOut(targets, { verb: 'stop', force: options.force ?? false }, options),
    restart: (targets, options: PowerOptions = {}) =>
      carryOut(targets, { verb: 'restart', force: options.force ?? false }, options),
    planDelete: (targets, options: DeleteOptions = {}) =>
      makeRequest(targets, deletion(options), options.signal),
    delete: (targets, options: DeleteOptions = {}) => carryOut(targets, deletion(options), options),
    render: async (vmid) => {
      const [declared] = selectTargets(config, [vmid]);
      const { seed } = (declared === undefined ? undefined : (await gather([declared])).get(vmid)) ?? {};
      const several = (declared?.networks.length ?? 0) > 1;
      const macs = (declared?.networks ?? []).flatMap(({ index, mac }) => {
        const known = mac ?? (several ? `00:00:00:00:00:${index.toString(16).padStart(2, '0')}` : undefined);
        return known === undefined ? [] : [[index, known] as const];
      });
      return seed?.(new Map(macs)).render();
    },
    openShell: async (vmid, { signal = new AbortController().signal } = {}) => {
      const [declared] = selectTargets(config, [vmid]);
      const { guests } = await observeCluster(client, { kinds: guestKinds, further: [vmid], signal });
      return openShellOf(vmid, declared?.name ?? '', guests[String(vmid)], { client, config, signal });
    },
    importGuests: async (targets, options = {}) => {
      const inventory = await observeCluster(client, {
        kinds: guestKinds,
        further: targets,
        signal: options.signal,
      });
      return importGuests(inventory, { targets, config, includeDeclared: options.includeDeclared ?? false });
    },
    status: async (targets, options = {}) => {
      const guests = selectTargets(config, targets);
      const inventory = await observeCluster(client, {
        kinds: guestKinds,
        further: guests.map((guest) => guest.vmid),
        signal: options.signal,
      });
      return readStatus(client, guests, inventory, options.signal);
    },
  };
}

function deletion({ adopt = false, force = false }: DeleteOptions): Request {
  return { verb: 'delete', adopt, force };
}

function describeDifference(plan: Plan, now: Plan): string {
  if (plan.configDigest !== now.configDigest) return 'the configuration changed since it was made';
  for (const guest of plan.guests) {
    const other = now.guests.find((candidate) => candidate.vmid === guest.vmid);
    if (other === undefined) return `${guest.vmid} (${guest.name}) needs no work any more`;
    if (other.observed !== guest.observed) return `${guest.vmid} (${guest.name}) changed since it was made`;
  }
  return 'the cluster changed since it was made';
}

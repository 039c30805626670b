import { randomUUID } from 'node:crypto';
import { setMaxListeners } from 'node:events';
import type { ProxmoxClient } from '@phoenix/proxmox-client';
import type { Config, DeclaredGuest } from '../config/model.js';
import { describeError } from '../errors/describe-error.js';
import type { GuestKind, GuestMaterials } from '../kinds/guest-kind.js';
import { type Action, listActions, type Plan } from '../plan/plan.js';
import type { Redactor } from '../secrets/redactor.js';
import type { SecretResolver } from '../secrets/secret-resolver.js';
import { attemptStep } from './attempt.js';
import { createEventQueue, type EventQueue } from './event-queue.js';
import { createLimits } from './limits.js';
import { createGuestLook } from './look-at-guest.js';
import { mindStoppedGuest } from './mind-stopped-guest.js';
import type { ActionLabel, GuestSummary, PhoenixEvent, RunSummary } from './phoenix-event.js';
import { redactEvent } from './redact-event.js';
import { actionKeys, limitCapacity } from './resource-keys.js';
import type { StepContext } from './step-context.js';

/** What a run needs. */
export interface RunInput {
  readonly plan: Plan;
  readonly client: ProxmoxClient;
  readonly config: Config;
  readonly kinds: readonly GuestKind[];
  readonly materials: ReadonlyMap<number, GuestMaterials>;
  readonly parallel: number;
  readonly failFast: boolean;
  /** Default false. */
  readonly removeFeatures?: boolean;
  readonly signal: AbortSignal;
  /** Takes secrets out of everything that is said. */
  readonly redactor: Redactor;
  readonly secrets: SecretResolver;
}

type Outcome = 'ok' | 'unchanged' | 'failed' | 'skipped' | 'interrupted';

interface Ended {
  readonly outcome: Outcome;
  readonly code?: string;
  readonly message?: string;
  readonly hint?: string;
}

type Unstamped<T> = T extends unknown ? Omit<T, 'at'> : never;

/** One run of a plan, from its first event to its summary. */
class Run {
  readonly #input: RunInput;
  readonly #events: EventQueue<PhoenixEvent>;
  readonly #limits: StepContext['limits'];
  readonly #ended = new Map<string, Ended>();
  readonly #warnings: { vmid?: number; message: string }[] = [];
  readonly #openTasks = new Set<string>();
  readonly #results = new Map<string, string>();
  readonly #declared: ReadonlyMap<number, DeclaredGuest>;
  readonly #started = performance.now();
  #failed = false;

  constructor(input: RunInput, events: EventQueue<PhoenixEvent>) {
    this.#input = input;
    this.#events = events;
    this.#limits = createLimits(limitCapacity(input.parallel));
    this.#declared = new Map(input.config.guests.map((guest) => [guest.vmid, guest]));
  }

  async execute(): Promise<void> {
    const { plan } = this.#input;
    this.#emit({ type: 'run-started', runId: randomUUID(), targets: plan.targets });
    this.#emit({ type: 'plan', plan });
    const running = new Map<string, Promise<void>>();
    for (const action of listActions(plan)) {
      const before = action.dependsOn.flatMap((id) => running.get(id) ?? []);
      running.set(
        action.id,
        Promise.all(before).then(() => this.#runAction(action)),
      );
    }
    await Promise.all(running.values());
    this.#emit({ type: 'run-finished', summary: this.#summarise() });
  }

  #emit(event: Unstamped<PhoenixEvent>): void {
    this.#events.push(redactEvent({ at: new Date().toISOString(), ...event }, this.#input.redactor));
  }

  #label(action: Action): ActionLabel {
    const guest = action.vmid === undefined ? undefined : this.#declared.get(action.vmid);
    const name =
      guest?.name ?? this.#input.plan.guests.find((candidate) => candidate.vmid === action.vmid)?.name;
    return {
      actionId: action.id,
      step: action.step,
      kind: action.kind,
      reason: action.reason,
      title: this.#input.redactor.redact(action.title),
      ...(action.vmid === undefined ? {} : { vmid: action.vmid }),
      ...(name === undefined ? {} : { guest: name }),
    };
  }

  async #runAction(action: Action): Promise<void> {
    const obstacle = action.dependsOn.find((id) => !this.#succeeded(id));
    if (obstacle !== undefined) {
      const first = this.#ended.get(obstacle);
      // What was skipped hands on why, so that the last of a chain names the first cause.
      if (first?.outcome === 'skipped') this.#skip(action, first.message ?? `${obstacle} was skipped`);
      else if (first?.outcome === 'interrupted') this.#skip(action, 'the run was interrupted');
      else this.#skip(action, `${obstacle} failed`);
      return;
    }
    await this.#limits.run(actionKeys(action), async () => {
      if (this.#input.signal.aborted) this.#end(action, { outcome: 'interrupted' });
      else if (this.#failed && this.#input.failFast)
        this.#skip(action, 'an action failed, and the run stops at the first failure');
      else await this.#attempt(action);
    });
  }

  #succeeded(id: string): boolean {
    const outcome = this.#ended.get(id)?.outcome;
    return outcome === 'ok' || outcome === 'unchanged';
  }

  #end(action: Action, ended: Ended): void {
    this.#ended.set(action.id, ended);
  }

  #skip(action: Action, message: string): void {
    this.#end(action, { outcome: 'skipped', message });
    this.#emit({ type: 'action-skipped', message, ...this.#label(action) });
  }

  async #attempt(action: Action): Promise<void> {
    const label = this.#label(action);
    const started = performance.now();
    const warnings: string[] = [];
    const elapsed = () => Math.round(performance.now() - started);
    this.#emit({ type: 'action-started', ...label });
    try {
      const context = this.#contextOf(action, label, warnings, elapsed);
      const step = this.#stepOf(action);
      const { outcome } = await attemptStep(step, context);
      this.#end(action, { outcome });
      this.#emit({ type: 'action-finished', outcome, durationMs: elapsed(), warnings, ...label });
    } catch (error) {
      if (this.#input.signal.aborted) {
        this.#end(action, { outcome: 'interrupted' });
        return;
      }
      this.#failed = true;
      const { code, message, hint, details } = describeError(error);
      this.#end(action, { outcome: 'failed', code, message, ...(hint === undefined ? {} : { hint }) });
      this.#emit({
        type: 'action-failed',
        durationMs: elapsed(),
        code,
        message,
        details,
        ...(hint === undefined ? {} : { hint }),
        ...label,
      });
    }
  }

  #kindOf(action: Action): GuestKind {
    const vmid = this.#vmidOf(action);
    const declared = this.#declared.get(vmid);
    const guestKind = this.#input.plan.guests.find((guest) => guest.vmid === vmid)?.guestKind;
    const kind = this.#input.kinds.find((candidate) =>
      declared === undefined ? candidate.kind === guestKind : candidate.accepts(declared),
    );
    if (kind === undefined) throw new TypeError(`no kind for action ${action.id}`);
    return kind;
  }

  #stepOf(action: Action) {
    const step = this.#kindOf(action).steps[action.step];
    if (step === undefined) throw new TypeError(`no step ${action.step} for action ${action.id}`);
    return step;
  }

  #vmidOf(action: Action): number {
    // Shared work is described by one of the guests that need it.
    return action.vmid ?? Number(action.input.vmid);
  }

  #contextOf(action: Action, label: ActionLabel, warnings: string[], elapsed: () => number): StepContext {
    const { client, config, materials, signal, plan, secrets } = this.#input;
    const vmid = this.#vmidOf(action);
    const declared = this.#declared.get(vmid);
    const planned = plan.guests.find((guest) => guest.vmid === vmid);
    const kind = this.#kindOf(action);
    const name = declared?.name ?? planned?.name ?? String(vmid);
    const look = createGuestLook(client, kind, vmid, planned?.node, signal);
    return {
      client,
      config,
      vmid,
      ...(declared === undefined ? {} : { declaredGuest: declared }),
      guestName: name,
      action,
      materials: materials.get(vmid) ?? { features: [] },
      limits: this.#limits,
      signal,
      secrets,
      removeFeatures: this.#input.removeFeatures ?? false,
      results: this.#results,
      openTasks: this.#openTasks,
      openShell: ({ node }) =>
        mindStoppedGuest(kind.openShell({ client, config, signal }, { node, vmid }), { vmid, name, look }),
      look,
      report: {
        progress: (message, fraction) =>
          this.#emit({
            type: 'action-progress',
            message,
            elapsedMs: elapsed(),
            ...(fraction === undefined ? {} : { fraction }),
            ...label,
          }),
        taskLog: (upid, line) => this.#emit({ type: 'task-log', upid, line, ...label }),
        output: (line, options = {}) =>
          this.#emit({
            type: 'output',
            stream: options.stream ?? 'stdout',
            line,
            ...(options.feature === undefined ? {} : { feature: options.feature }),
            ...label,
          }),
        warn: (message) => {
          warnings.push(message);
          this.#warnings.push(action.vmid === undefined ? { message } : { vmid: action.vmid, message });
        },
      },
    };
  }

  #summarise(): RunSummary {
    const { plan, signal } = this.#input;
    const count = (...outcomes: Outcome[]) =>
      [...this.#ended.values()].filter((ended) => outcomes.includes(ended.outcome)).length;
    const failed = count('failed');
    const interrupted = signal.aborted && count('interrupted') > 0;
    return {
      outcome: interrupted ? 'interrupted' : failed > 0 ? 'failed' : 'ok',
      durationMs: Math.round(performance.now() - this.#started),
      done: count('ok', 'unchanged'),
      failed,
      skipped: count('skipped', 'interrupted'),
      guests: plan.guests.map((guest) => this.#summariseGuest(guest.vmid, guest.name, guest.actions)),
      warnings: this.#warnings,
      leftRunning: [...this.#openTasks],
    };
  }

  #summariseGuest(vmid: number, name: string, actions: readonly Action[]): GuestSummary {
    const ended = actions.map((action) => this.#ended.get(action.id));
    const of = (outcome: Outcome) => ended.find((entry) => entry?.outcome === outcome);
    const bad = of('failed') ?? of('interrupted') ?? of('skipped');
    const changed = of('ok') !== undefined;
    const outcome = bad === undefined ? (changed ? 'changed' : 'unchanged') : bad.outcome;
    return {
      vmid,
      name,
      outcome: outcome === 'ok' ? 'changed' : outcome,
      ...(bad?.code === undefined ? {} : { code: bad.code }),
      ...(bad?.message === undefined ? {} : { message: bad.message }),
      ...(bad?.hint === undefined ? {} : { hint: bad.hint }),
    };
  }
}

/**
 * Applies a plan and yields what happens. Independent guests go on when one fails; what needs it is skipped with the reason.
 * Never rejects for a failing action: the summary tells. Leaving the iteration early does not stop the run; the signal does.
 */
export function runPlan(input: RunInput): AsyncIterable<PhoenixEvent> {
  const events = createEventQueue<PhoenixEvent>();
  // A signal of the run's own, which everything in it may listen to.
  const signal = AbortSignal.any([input.signal]);
  setMaxListeners(0, signal);
  new Run({ ...input, signal }, events).execute().then(
    () => events.close(),
    (error: unknown) => events.fail(error),
  );
  return events;
}

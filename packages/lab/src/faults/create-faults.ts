import { AsyncLocalStorage } from 'node:async_hooks';
import { STATUS_CODES } from 'node:http';
import type { FaultEffect, FaultRule, Faults, TakenFault } from './faults.js';

const REASONS: Readonly<Record<number, string>> = {
  595: 'No route to host',
  596: 'Connection timed out',
  597: 'Connection reset',
  599: 'Too many redirections',
};

interface ActiveRule {
  readonly rule: FaultRule;
  readonly method: string;
  readonly path: RegExp;
  seen: number;
  applied: number;
}

/** The fault of the request that is being handled. One for all labs of a process: each more of its kind makes every promise of the process dearer. */
const current = new AsyncLocalStorage<TakenFault>();

/** An empty set of fault rules. */
export function createFaults(): Faults {
  let rules: ActiveRule[] = [];
  return {
    add: (rule) => {
      const [method = '*', path = '/**'] = rule.on.trim().split(/\s+/);
      const active: ActiveRule = { rule, method, path: pathPattern(path), seen: 0, applied: 0 };
      rules.push(active);
      return () => {
        rules = rules.filter((other) => other !== active);
      };
    },
    clear: () => {
      rules = [];
    },
    take: (method, path) => {
      const fitting = rules.filter(
        (active) => (active.method === '*' || active.method === method) && active.path.test(path),
      );
      for (const active of fitting) active.seen += 1;
      const due = fitting.find((active) => applies(active));
      if (due === undefined) return undefined;
      due.applied += 1;
      return takenFault(due.rule.effect);
    },
    during: (fault, action) => (fault === undefined ? action() : current.run(fault, action)),
    lockTimesOut: () => current.getStore()?.effect === 'lock-timeout',
    digestIsStale: () => current.getStore()?.effect === 'stale-digest',
    taskFault: () => {
      const effect = current.getStore()?.effect;
      if (typeof effect !== 'object' || !('task' in effect)) return undefined;
      return {
        kind: effect.task,
        log:
          effect.log ??
          (effect.task === 'fail' ? 'fault injected by the lab' : 'warning injected by the lab'),
      };
    },
  };
}

function applies({ rule, seen, applied }: ActiveRule): boolean {
  const { nth, times = nth === undefined ? Number.POSITIVE_INFINITY : 1 } = rule;
  return applied < times && (nth === undefined || seen >= nth);
}

function takenFault(effect: FaultEffect): TakenFault {
  if (typeof effect !== 'object' || 'task' in effect) return { effect };
  if ('delayMs' in effect) return { effect, delayMs: effect.delayMs };
  const reason = effect.reason ?? REASONS[effect.status] ?? STATUS_CODES[effect.status] ?? '';
  return { effect, status: { status: effect.status, reason, after: effect.after === true } };
}

function pathPattern(path: string): RegExp {
  const source = path
    .split('/')
    .map((part) =>
      part === '**'
        ? '.*'
        : part
            .split('*')
            .map((text) => text.replace(/[.+?^${}()|[\]\\]/g, '\\$&'))
            .join('[^/]*'),
    )
    .join('/');
  return new RegExp(`^${source}$`);
}

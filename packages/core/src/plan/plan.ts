import { z } from 'zod';

/** What a step of the work is called; the same words name the files under `kinds/<kind>/steps`. */
export const stepNameSchema = z.enum([
  'image',
  'create',
  'clone',
  'adopt',
  'configure',
  'grow-disk',
  'seed',
  'firewall',
  'pool',
  'reboot',
  'start',
  'wait-agent',
  'wait-cloud-init',
  'features',
  'health-check',
  'snapshot',
  'seal',
  'shutdown',
  'convert',
  'record',
  'stop',
  'delete',
]);
export type StepName = z.infer<typeof stepNameSchema>;

/** What an action does to the world. `actionSymbol` has the sign people see for each. */
export const actionKindSchema = z.enum(['create', 'update', 'replace', 'run', 'delete', 'none']);
export type ActionKind = z.infer<typeof actionKindSchema>;

/** Why an action is planned: a closed list, so that views and scripts can rely on it. */
export const reasonSchema = z.enum([
  'missing',
  'unfinished',
  'config-changed',
  'drift',
  'adopted',
  'stopped',
  'seed-changed',
  'firewall-changed',
  'pool-changed',
  'disk-too-small',
  'features-changed',
  'never-checked',
  'unknown',
  'snapshot-missing',
  'not-a-template',
  'reboot-pending',
  'source-changed',
  'requested',
  'in-sync',
]);
export type Reason = z.infer<typeof reasonSchema>;

/** A value as the plan shows it; `null` stands for "not set". Secrets never appear. */
export const planValueSchema = z.union([z.string(), z.number(), z.boolean(), z.null()]);
export type PlanValue = z.infer<typeof planValueSchema>;

/** One key that differs. `lastApplied` is absent where Phoenix has never written the key. */
export const changeSchema = z.strictObject({
  /** The name in the configuration file where there is one (`cores`), else Proxmox VE's (`scsihw`). */
  key: z.string(),
  declared: planValueSchema,
  live: planValueSchema,
  lastApplied: planValueSchema.optional(),
  takesEffect: z.enum(['now', 'next-cold-start']),
});
export type Change = z.infer<typeof changeSchema>;

/** Something a person should read before agreeing; never an obstacle. */
export const noticeSchema = z.strictObject({
  code: z.string(),
  message: z.string(),
  vmid: z.int().optional(),
});
export type Notice = z.infer<typeof noticeSchema>;

export const actionSchema = z.strictObject({
  /** Unique in the plan and stable between equal plans: `8001/clone`, `image/pve/local/noble….qcow2`. */
  id: z.string(),
  /** Absent for work that several guests share, such as an image. */
  vmid: z.int().optional(),
  step: stepNameSchema,
  kind: actionKindSchema,
  reason: reasonSchema,
  /** One line for people: `clone of 8000 (full)`. */
  title: z.string(),
  changes: z.array(changeSchema),
  /** Ids of the actions that must have succeeded before this one starts. */
  dependsOn: z.array(z.string()),
  /** What the step needs to know beyond the configuration; its shape belongs to the step. */
  input: z.record(z.string(), z.json()),
});
export type Action = z.infer<typeof actionSchema>;

export const guestPlanSchema = z.strictObject({
  vmid: z.int(),
  name: z.string(),
  guestKind: z.enum(['machine', 'container']),
  /** Node where the guest lives or will live. */
  node: z.string(),
  /** The guest as a whole: `none` when no action is planned for it. */
  kind: actionKindSchema,
  reason: reasonSchema,
  /** `target` when asked for; `dependency` when another guest needs it first. */
  role: z.enum(['target', 'dependency']),
  /** In the order in which they run. */
  actions: z.array(actionSchema),
  /** Differences that Phoenix has seen and will not change unless told: keys that somebody else changed. */
  drift: z.array(changeSchema),
  notices: z.array(noticeSchema),
  /** Digest of what was observed of this guest; a saved plan is refused when it no longer matches. */
  observed: z.string(),
});
export type GuestPlan = z.infer<typeof guestPlanSchema>;

/** How a plan was made; see `PlanOptions` of the orchestrator. */
export const planPolicySchema = z.strictObject({
  adopt: z.boolean(),
  allowReplace: z.boolean(),
  correctDrift: z.boolean(),
  checkFeatures: z.boolean(),
  reboot: z.enum(['never', 'if-pending']).exactOptional(),
});

/**
 * What `apply` would do, as data: pure output of `planGuests`, safe to print and to store (secrets are not in it).
 * `version` changes whenever an older reader would misread it.
 */
export const planSchema = z.strictObject({
  format: z.literal('phoenix-plan'),
  version: z.literal(1),
  /** Digest of the declarations the plan was made from. */
  configDigest: z.string(),
  /** What the caller asked for. */
  targets: z.array(z.int()),
  /** A saved plan is held against one that is made the same way. Absent where there was nothing to choose. */
  policy: planPolicySchema.exactOptional(),
  /** Work that guests share; runs before the guests that depend on it. */
  shared: z.array(actionSchema),
  /** In an order in which dependencies come first. */
  guests: z.array(guestPlanSchema),
  notices: z.array(noticeSchema),
});
export type Plan = z.infer<typeof planSchema>;

/** The sign of an action kind in plans shown to people. */
export const actionSymbols = {
  create: '+',
  update: '~',
  replace: '±',
  run: '>',
  delete: '-',
  none: '=',
} as const satisfies Record<ActionKind, string>;

/** Every action of the plan, shared ones first, in an order in which dependencies come first. */
export function listActions(plan: Plan): readonly Action[] {
  return [...plan.shared, ...plan.guests.flatMap((guest) => guest.actions)];
}

/** Whether applying the plan would do nothing. */
export function isEmptyPlan(plan: Plan): boolean {
  return listActions(plan).every((action) => action.kind === 'none');
}

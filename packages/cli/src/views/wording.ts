import type { Change, GuestPlan, Reason, StepName } from '@phoenix/core';

/** Why something is planned, for people. */
export const REASON_TEXTS = {
  missing: 'does not exist yet',
  unfinished: 'an earlier run did not finish it',
  'config-changed': 'the configuration changed',
  drift: 'was changed outside Phoenix',
  adopted: 'taken over as asked',
  stopped: 'is not running',
  'seed-changed': 'the cloud-init seed changed',
  'firewall-changed': 'the firewall differs',
  'pool-changed': 'it is in another pool',
  'disk-too-small': 'the disk is smaller than declared',
  'features-changed': 'the features changed',
  'never-checked': 'was never checked',
  unknown: 'not known before it is asked',
  'snapshot-missing': 'the snapshot is missing',
  'not-a-template': 'is not a template yet',
  'reboot-pending': 'changes wait for a restart',
  'source-changed': 'what it was made from changed',
  requested: 'asked for',
  'in-sync': 'as declared',
} as const satisfies Record<Reason, string>;

/** What a step is called in progress lines. */
export const STEP_TEXTS = {
  image: 'image',
  create: 'create',
  clone: 'clone',
  adopt: 'adopt',
  configure: 'configure',
  'grow-disk': 'grow disk',
  seed: 'seed',
  firewall: 'firewall',
  pool: 'pool',
  reboot: 'reboot',
  start: 'start',
  'wait-agent': 'guest agent',
  'wait-cloud-init': 'cloud-init',
  features: 'features',
  'health-check': 'health check',
  snapshot: 'snapshot',
  seal: 'seal',
  shutdown: 'shut down',
  convert: 'convert',
  record: 'record',
  stop: 'stop',
  delete: 'delete',
} as const satisfies Record<StepName, string>;

/** When a change takes effect, for people. */
export const TAKES_EFFECT_TEXTS = {
  now: 'takes effect now',
  'next-cold-start': 'takes effect at the next cold start',
} as const satisfies Record<Change['takesEffect'], string>;

/** What will happen to a guest as a whole, for people. */
export const GUEST_KIND_TEXTS = {
  create: 'will be created',
  update: 'will be changed',
  replace: 'will be deleted and made anew',
  run: 'will be brought up to date',
  delete: 'will be deleted',
  none: 'is as declared',
} as const satisfies Record<GuestPlan['kind'], string>;

import type { PlanOptions } from '@phoenix/core';
import type { Context } from './context.js';
import type { GlobalOptions } from './global-options.js';

/** Flags that `plan` and `orchestrate` share. */
export interface PlanFlags extends GlobalOptions {
  readonly all?: boolean;
  readonly adopt?: boolean;
  readonly allowReplace?: boolean;
  /** `false` by `--no-correct-drift`. */
  readonly correctDrift?: boolean;
  readonly checkFeatures?: boolean;
  readonly reboot?: 'never' | 'if-pending';
}

/** The flags as core takes them. */
export function planOptions(context: Context, flags: PlanFlags): PlanOptions {
  return {
    adopt: flags.adopt === true,
    allowReplace: flags.allowReplace === true,
    correctDrift: flags.correctDrift !== false,
    checkFeatures: flags.checkFeatures === true,
    ...(flags.reboot === undefined ? {} : { reboot: flags.reboot }),
    signal: context.signal,
  };
}

/** Every `code` of a {@link FeaturesError}, with its meaning and what a person does about it. */
export const FEATURES_ERROR_CODES = {
  FEATURES_DEFINITION: {
    meaning: 'A feature definition has the wrong shape.',
    hint: 'Compare it with docs/feature-packs.md; `phoenix features lint` names each mistake.',
  },
  FEATURES_CONTRACT_VERSION: {
    meaning: 'A pack was written for another version of the feature contract.',
    hint: 'Install a release of the pack that matches this Phoenix, or another Phoenix.',
  },
  FEATURES_PACK_MISSING: {
    meaning: 'A pack named under `feature_packs` is not installed beside the config.',
    hint: 'Install it in the directory of the config: `npm install <pack>`.',
  },
  FEATURES_PACK_LOAD: {
    meaning: 'A pack threw an error while it was imported, or a script of it cannot be read.',
    hint: 'The fault is in the pack; its own message is quoted.',
  },
  FEATURES_PACK_CLASH: {
    meaning: 'Two sources define a feature of the same name.',
    hint: 'Remove one of the two sources from the config.',
  },
  FEATURES_UNKNOWN: {
    meaning: 'The config names a feature that no source defines.',
    hint: 'Check the name; `phoenix features list` prints all that are known.',
  },
  FEATURES_OPTIONS: {
    meaning: 'Options of a feature are not what the feature expects.',
    hint: '`phoenix features show <name>` prints the options with their types and defaults.',
  },
  FEATURES_VERSION: {
    meaning: 'The config asks for a version of a feature that is not installed.',
    hint: 'Install that version of the pack, or change `version` in the config.',
  },
  FEATURES_CYCLE: {
    meaning: 'Features require each other in a circle.',
    hint: 'The circle is named; one of its features must drop `requires` or `after`.',
  },
  FEATURES_CONFLICT: {
    meaning: 'Two features of one guest exclude each other.',
    hint: 'Remove one of them from `features`.',
  },
  FEATURES_PLATFORM: {
    meaning: 'The guest runs an operating system that the feature does not support.',
    hint: 'Use another image, or a pack that supports this system.',
  },
  FEATURES_SECRET: {
    meaning: 'A secret that a feature needs could not be resolved.',
    hint: 'Set the variable or file that the reference names.',
  },
  FEATURES_TEMPLATE: {
    meaning: 'A Handlebars file of a pack could not be rendered.',
    hint: 'Templates see options without secrets; read a secret from stdin in the script.',
  },
  FEATURES_STEP_FAILED: {
    meaning: 'A script of a feature ended with an error inside the guest.',
    hint: 'The last lines tell why; the whole log stands in the guest under /var/lib/phoenix/logs. Run again after mending it.',
  },
  FEATURES_STEP_TIMEOUT: {
    meaning: 'A script of a feature ran longer than its deadline; its processes in the guest were killed.',
    hint: 'Raise the deadline, or find out what the script waits for; a re-run starts it again.',
  },
  FEATURES_STEP_LOST: {
    meaning: 'A script of a feature vanished from the guest without an exit code, again and again.',
    hint: 'The guest was probably reset, or ran out of memory, while the script ran; its log stays in the guest.',
  },
  FEATURES_VERIFY: {
    meaning: 'A feature was applied, but its own verification says that it does not work.',
    hint: 'The last lines tell why; run again after mending it.',
  },
  FEATURES_REBOOT_LOOP: {
    meaning: 'A feature asked for a reboot more often than allowed.',
    hint: 'The script must notice that it already rebooted: PHOENIX_REBOOTS counts them.',
  },
  FEATURES_SCAFFOLD: {
    meaning: 'A new feature pack cannot be written there, or under that name.',
    hint: 'Name an empty or new directory; names have lower-case letters, digits, "_" and "-".',
  },
  FEATURES_GUEST_UNREACHABLE: {
    meaning: 'The guest did not answer for longer than the allowed time.',
    hint: 'See that the guest runs, that its agent runs and that it has /bin/sh; then run again: what still runs in the guest is found again.',
  },
  FEATURES_GUEST_INCOMPLETE: {
    meaning: 'The guest lacks a program that is needed to run features.',
    hint: 'Install it in the image (coreutils and util-linux, or BusyBox, have all of them).',
  },
  FEATURES_GUEST_INTERPRETER: {
    meaning: 'The guest lacks the interpreter that a script names in its first line.',
    hint: 'Install the interpreter in the image or by an earlier feature, or write the script for /bin/sh.',
  },
  FEATURES_GUEST_DISK_FULL: {
    meaning: "The guest's disk is full.",
    hint: 'Grow the disk (`disk_size_gb`) or free space in the guest; then run again.',
  },
  FEATURES_GUEST_PERMISSION: {
    meaning: 'Commands in the guest do not run as root, or /var/lib/phoenix cannot be written.',
    hint: 'The guest agent must run as root; a read-only file system must be mounted writable.',
  },
  FEATURES_GUEST_ANSWER: {
    meaning:
      'The guest gave an answer that the runner does not understand, or bytes were damaged on the way.',
    hint: 'Run again; if it happens again, report it with the quoted answer.',
  },
} as const satisfies Record<string, { readonly meaning: string; readonly hint: string }>;

/** Literal union of every code of this package. */
export type FeaturesErrorCode = keyof typeof FEATURES_ERROR_CODES;

/** One thing wrong with what a config declares; `path` leads from the guest's `features` key to the value. */
export interface FeatureProblem {
  readonly code: FeaturesErrorCode;
  /** E.g. `[0, 'options', 'channel']`. */
  readonly path: readonly (string | number)[];
  /** One sentence, with expected and got. */
  readonly message: string;
  readonly hint: string;
  /** The nearest known name, where a name was not known. */
  readonly nearest?: string;
}

/** Fields that tell more than the message. */
export interface FeaturesErrorDetails {
  readonly hint?: string;
  readonly cause?: unknown;
  readonly feature?: string;
  readonly step?: string;
  readonly exitCode?: number;
  readonly lastLines?: readonly string[];
  readonly problems?: readonly FeatureProblem[];
}

/** The one error class of this package; tell failures apart by `code`. */
export class FeaturesError extends Error {
  override readonly name = 'FeaturesError';
  readonly code: FeaturesErrorCode;
  /** What to do about it. */
  readonly hint: string;
  readonly feature?: string;
  readonly step?: string;
  readonly exitCode?: number;
  /** The last lines that the script printed, secrets removed. */
  readonly lastLines?: readonly string[];
  /** Every problem of a config at once. */
  readonly problems?: readonly FeatureProblem[];

  constructor(code: FeaturesErrorCode, message: string, details: FeaturesErrorDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.hint = details.hint ?? FEATURES_ERROR_CODES[code].hint;
    if (details.feature !== undefined) this.feature = details.feature;
    if (details.step !== undefined) this.step = details.step;
    if (details.exitCode !== undefined) this.exitCode = details.exitCode;
    if (details.lastLines !== undefined) this.lastLines = details.lastLines;
    if (details.problems !== undefined) this.problems = details.problems;
  }
}

import { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
import { isKnownError } from './views/render-error.js';

/** The class of outcome of each error code that is not simply a failure. */
const CLASSES: readonly (readonly [RegExp, ExitCodeName])[] = [
  [/^PHOENIX_CONFIG$/, 'config'],
  [/^PHOENIX_(?:SECRET|FEATURE_OPTIONS)/, 'config'],
  [/^(?:CLOUDINIT_)/, 'config'],
  [/^PHOENIX_(?:CONFIG_NOT_FOUND|CONFIG_UNREADABLE|.*_NOT_FOUND|.*_MISSING|UNKNOWN_GUEST)$/, 'missing'],
  [/^FEATURES?_(?:PACK_NOT_FOUND|UNKNOWN|NOT_FOUND)/, 'missing'],
  [/^PVE_(?:NOT_FOUND|STORAGE)$/, 'missing'],
  [/^PVE_(?:UNREACHABLE|TLS|TLS_FINGERPRINT|NODE_OFFLINE|TIMEOUT)$/, 'connection'],
  [/^PVE_(?:AUTH|PERMISSION)$/, 'denied'],
  [
    /^PHOENIX_(?:NOT_OURS|NOT_OWNED|PLAN_STALE|LOCKED|LINKED_CLONES|PROTECTED|REFUSED.*|FOREIGN.*)$/,
    'refused',
  ],
  [/^PVE_(?:LOCKED|EXISTS|DIGEST)$/, 'refused'],
];

/** The class of outcome that an error stands for; what carries none of our codes is a bug. */
export function exitCodeOf(error: unknown): ExitCodeName {
  if (!isKnownError(error)) return 'bug';
  if ('exit' in error && isExitCodeName(error.exit)) return error.exit;
  return CLASSES.find(([pattern]) => pattern.test(error.code))?.[1] ?? 'failed';
}

function isExitCodeName(value: unknown): value is ExitCodeName {
  return typeof value === 'string' && Object.hasOwn(EXIT_CODES, value);
}

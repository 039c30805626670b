import { EXIT_CODES, type ExitCodeName } from './exit-codes.js';
import { isKnownError } from './known-error.js';

/** The class of outcome of each error code that is more than a failure of the work itself. */
const CLASSES: Readonly<Record<string, ExitCodeName>> = {
  PHOENIX_CONFIG: 'config',
  PHOENIX_SECRET: 'config',
  PHOENIX_CONFIG_NOT_FOUND: 'missing',
  PHOENIX_CONFIG_UNREADABLE: 'missing',
  PHOENIX_UNKNOWN_GUEST: 'missing',
  PHOENIX_GUEST_GONE: 'missing',
  PHOENIX_NODE_MISSING: 'missing',
  PHOENIX_STORAGE_MISSING: 'missing',
  PHOENIX_BRIDGE_MISSING: 'missing',
  PHOENIX_CLONE_SOURCE_MISSING: 'missing',
  PHOENIX_IMAGE_UNREACHABLE: 'missing',
  PHOENIX_RELEASE: 'connection',
  PHOENIX_ALREADY_DECLARED: 'refused',
  PHOENIX_NOT_OURS: 'refused',
  PHOENIX_MARKER_NEWER: 'refused',
  PHOENIX_REPLACE_NEEDED: 'refused',
  PHOENIX_PLAN_STALE: 'refused',
  PHOENIX_PLAN_INVALID: 'refused',
  PHOENIX_GUEST_LOCKED: 'refused',
  PHOENIX_CONTENDED: 'refused',
  PHOENIX_RESERVED: 'refused',
  PHOENIX_PROTECTED: 'refused',
  PHOENIX_HAS_CLONES: 'refused',
  PHOENIX_INTERNAL: 'bug',
  FEATURES_OPTIONS: 'config',
  FEATURES_CYCLE: 'config',
  FEATURES_CONFLICT: 'config',
  FEATURES_SECRET: 'config',
  FEATURES_PACK_CLASH: 'config',
  FEATURES_PACK_MISSING: 'missing',
  FEATURES_UNKNOWN: 'missing',
  FEATURES_VERSION: 'missing',
  PVE_OPTIONS: 'connection',
  PVE_UNREACHABLE: 'connection',
  PVE_TLS: 'connection',
  PVE_TLS_FINGERPRINT: 'connection',
  PVE_NODE_OFFLINE: 'connection',
  PVE_AUTH: 'denied',
  PVE_TFA: 'denied',
  PVE_PERMISSION: 'denied',
  PVE_NOT_FOUND: 'missing',
  PVE_EXISTS: 'refused',
  PVE_LOCKED: 'refused',
  PVE_PROTECTED: 'refused',
  PVE_IN_USE: 'refused',
};

/** The codes that the table names; a test holds them against the packages' own tables. */
export const KNOWN_CODES: readonly string[] = Object.keys(CLASSES);

/** The class of outcome that an error stands for; what carries none of our codes is a bug. */
export function exitCodeOf(error: unknown): ExitCodeName {
  if (!isKnownError(error)) return 'bug';
  if ('exit' in error && isExitCodeName(error.exit)) return error.exit;
  return CLASSES[error.code] ?? 'failed';
}

function isExitCodeName(value: unknown): value is ExitCodeName {
  return typeof value === 'string' && Object.hasOwn(EXIT_CODES, value);
}

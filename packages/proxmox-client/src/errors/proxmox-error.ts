import { PROXMOX_ERROR_CODES, type ProxmoxErrorCode } from './error-codes.js';

/** The facts that an error carries beside its text; what the wire did not give is absent. */
export interface ProxmoxErrorFacts {
  /** `GET`, `POST`, `PUT` or `DELETE`. */
  readonly method?: string;
  /** The path with its parameters filled in, without query: `/nodes/pve/qemu/100/config`. */
  readonly path?: string;
  /** Origin of the endpoint that was called: `https://pve1:8006`. */
  readonly endpoint?: string;
  /** HTTP status of the answer. */
  readonly status?: number;
  /** The server's own text, whole: JSON `message`, or the reason phrase where there is none. */
  readonly serverMessage?: string;
  /** Parameter name to what is wrong with it. */
  readonly errors?: Readonly<Record<string, string>>;
  /** Of PVE_PERMISSION: the ACL path and the privileges of which one is needed. */
  readonly permission?: { readonly path: string; readonly privileges: readonly string[] };
  /** Of PVE_LOCKED: the kind of the lock, e.g. `backup`. */
  readonly lock?: string;
  /** Of PVE_TASK_FAILED. */
  readonly upid?: string;
  readonly exitStatus?: string;
  readonly logTail?: readonly string[];
  /** Of PVE_TASK_FAILED: the class of the exit status, e.g. PVE_LOCKED. */
  readonly reasonCode?: ProxmoxErrorCode;
  /** Of PVE_TLS_FINGERPRINT. */
  readonly expectedFingerprints?: readonly string[];
  readonly actualFingerprint?: string;
}

/**
 * Every failure of this package. Tell cases apart by `code`; `message` is one sentence for people, `hint` says what to do.
 * Secrets known to the client are replaced in all texts before an error is built.
 */
export class ProxmoxError extends Error {
  override readonly name = 'ProxmoxError';
  readonly code: ProxmoxErrorCode;
  readonly hint: string;
  declare readonly method?: string;
  declare readonly path?: string;
  declare readonly endpoint?: string;
  declare readonly status?: number;
  declare readonly serverMessage?: string;
  declare readonly errors?: Readonly<Record<string, string>>;
  declare readonly permission?: { readonly path: string; readonly privileges: readonly string[] };
  declare readonly lock?: string;
  declare readonly upid?: string;
  declare readonly exitStatus?: string;
  declare readonly logTail?: readonly string[];
  declare readonly reasonCode?: ProxmoxErrorCode;
  declare readonly expectedFingerprints?: readonly string[];
  declare readonly actualFingerprint?: string;

  constructor(
    code: ProxmoxErrorCode,
    message: string,
    { hint, cause, ...facts }: ProxmoxErrorFacts & { readonly hint?: string; readonly cause?: unknown } = {},
  ) {
    super(message, cause === undefined ? undefined : { cause });
    this.code = code;
    this.hint = hint ?? PROXMOX_ERROR_CODES.find((row) => row.code === code)?.hint ?? '';
    Object.assign(this, facts);
  }
}

/** Whether a thrown value is this package's error; by `name` and `code`, so that it holds across copies of the package. */
export function isProxmoxError(value: unknown, ...codes: readonly ProxmoxErrorCode[]): value is ProxmoxError {
  if (!(value instanceof Error) || value.name !== 'ProxmoxError' || !('code' in value)) return false;
  return codes.length === 0 || codes.some((code) => code === value.code);
}

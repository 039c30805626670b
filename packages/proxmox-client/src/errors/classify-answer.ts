import { isGatewayStatus } from '../transport/retry-policy.js';
import type { ProxmoxErrorCode } from './error-codes.js';
import { type FailureRow, findFailure } from './failure-table.js';
import { ProxmoxError } from './proxmox-error.js';
import { redactSecrets } from './redact-secrets.js';

/** What an answer with an error status said. */
export interface FailedAnswer {
  readonly method: string;
  readonly path: string;
  readonly endpoint: string;
  readonly status: number;
  /** The reason phrase of the status line. */
  readonly reason: string;
  /** The body; PVE's own errors are JSON `{data, message?, errors?}`, some have no body at all. */
  readonly body: string;
  /** Whether the call only reads: a gateway's error then leaves nothing unsure. */
  readonly reading: boolean;
  /** Values that must not show. */
  readonly secrets: readonly string[];
}

/** An error and whether the server did nothing at all, so that sending again is safe for any method. */
export interface ClassifiedAnswer {
  readonly error: ProxmoxError;
  readonly withoutEffect: boolean;
}

/** Turns an answer with a status of 400 and above into the error it means. Reads the status first, then the text. */
export function classifyAnswer(answer: FailedAnswer): ClassifiedAnswer {
  const { message, errors } = readBody(answer);
  const fieldTexts = Object.entries(errors).map(([name, text]) => `${name}: ${text}`);
  const found = findFailure(message) ?? findInFields(errors);
  const code = codeOf(answer, message, found?.row, fieldTexts.length > 0);
  const text = fieldTexts.length > 0 ? `${message.replace(/\.$/, '')}: ${fieldTexts.join('; ')}` : message;
  const shown = `${answer.method} ${answer.path}: ${code === 'PVE_OUTCOME_UNKNOWN' ? `the outcome is unknown after ${answer.status} ` : ''}${text}`;
  const permission = code === 'PVE_PERMISSION' ? permissionIn(message) : undefined;
  const error = new ProxmoxError(code, redactSecrets(shown, answer.secrets), {
    method: answer.method,
    path: answer.path,
    endpoint: answer.endpoint,
    status: answer.status,
    ...(message === '' ? {} : { serverMessage: redactSecrets(message, answer.secrets) }),
    ...(fieldTexts.length === 0 ? {} : { errors: redactFields(errors, answer.secrets) }),
    ...(permission ? { permission } : {}),
    ...(found?.lock !== undefined && code === 'PVE_LOCKED' ? { lock: found.lock } : {}),
  });
  return { error, withoutEffect: found?.row.withoutEffect === true };
}

function codeOf(
  answer: FailedAnswer,
  message: string,
  row: FailureRow | undefined,
  hasFields: boolean,
): ProxmoxErrorCode {
  const { status, reading } = answer;
  if (status === 401) return 'PVE_AUTH';
  if (status === 403)
    return /\(pool '[^']*' does not exist\)/.test(message) ? 'PVE_NOT_FOUND' : 'PVE_PERMISSION';
  if (status === 400) {
    // A 400 speaks of a parameter, but some of those speak of an object by way of the parameter that names it.
    return row && ['PVE_NOT_FOUND', 'PVE_EXISTS', 'PVE_PERMISSION'].includes(row.code)
      ? row.code
      : 'PVE_PARAMETER';
  }
  if (status === 501 || status === 506) return 'PVE_NOT_IMPLEMENTED';
  if (isGatewayStatus(status)) return reading ? 'PVE_NODE_OFFLINE' : 'PVE_OUTCOME_UNKNOWN';
  if (hasFields && !row) return 'PVE_PARAMETER';
  return row?.code ?? (status >= 500 ? 'PVE_SERVER' : 'PVE_ANSWER');
}

/** Only a lone parameter speaks for the whole call; texts about syntax or hotplug mention objects that are not what is asked for. */
function findInFields(errors: Readonly<Record<string, string>>) {
  const texts = Object.values(errors);
  const [only] = texts;
  if (texts.length !== 1 || only === undefined || /hotplug|^invalid format/.test(only)) return undefined;
  return findFailure(only);
}

/** `Permission check failed (/vms/100, VM.Audit|VM.Console)`; not every refusal names path and privilege. */
function permissionIn(message: string): { path: string; privileges: string[] } | undefined {
  const match = /\((?<path>\/[^,()]*), (?<privileges>[A-Za-z.|]+)\)/.exec(message);
  const { path, privileges } = match?.groups ?? {};
  return path === undefined || privileges === undefined
    ? undefined
    : { path, privileges: privileges.split('|') };
}

function readBody(answer: FailedAnswer): { message: string; errors: Record<string, string> } {
  const parsed = parseObject(answer.body);
  const errors: Record<string, string> = {};
  if (typeof parsed?.errors === 'object' && parsed.errors !== null) {
    for (const [name, text] of Object.entries(parsed.errors)) errors[name] = String(text).trim();
  }
  const message = typeof parsed?.message === 'string' ? parsed.message.trim() : '';
  return { message: message || answer.reason.trim() || `HTTP ${answer.status}`, errors };
}

function parseObject(text: string): Record<string, unknown> | undefined {
  if (!text.startsWith('{')) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function redactFields(
  errors: Readonly<Record<string, string>>,
  secrets: readonly string[],
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(errors).map(([name, text]) => [name, redactSecrets(text, secrets)]),
  );
}

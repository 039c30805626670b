import { ProxmoxError } from '../errors/proxmox-error.js';
import type { ApiAnswer } from '../transport/send-request.js';

/** A successful answer of PVE. */
export interface Envelope {
  readonly data: unknown;
  /** Of lists that are given in parts, such as task logs: how many there are in all. */
  readonly total?: number;
}

/**
 * Reads the JSON of a successful answer.
 * @throws ProxmoxError PVE_ANSWER when it is not JSON with a `data` key, as from a portal or a misdirected proxy
 */
export function readEnvelope(answer: ApiAnswer, method: string, path: string): Envelope {
  const parsed = parse(answer.text);
  if (typeof parsed === 'object' && parsed !== null && 'data' in parsed) {
    return 'total' in parsed ? { data: parsed.data, total: Number(parsed.total) } : parsed;
  }
  const type = String(answer.headers['content-type'] ?? 'no content type');
  throw new ProxmoxError(
    'PVE_ANSWER',
    `${method} ${path}: expected JSON with "data", got ${type} with status ${answer.status} from ${answer.endpoint}`,
    {
      method,
      path,
      endpoint: answer.endpoint,
      status: answer.status,
    },
  );
}

function parse(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

import type { JsonValue } from '../state/json.js';
import type { PveError } from './pve-error.js';
import type { Reply } from './route.js';

/** The body of a successful answer, as `json` or `extjs` has it. */
export function successBody(reply: Reply, format: string): string {
  const { total, changes } = reply.extra;
  return JSON.stringify({
    data: reply.data ?? null,
    ...(format === 'extjs' ? { success: 1 } : {}),
    ...(total === undefined || total === 0 ? {} : { total }),
    ...(changes === undefined ? {} : { changes }),
  });
}

/** The body of an error. In `extjs` the status moves into the body and the answer itself is 200. */
export function errorBody(error: PveError, format: string): string {
  const text = error.status === 501 || error.message.endsWith('\n') ? error.message : `${error.message}\n`;
  const body: Record<string, JsonValue> = { data: null, message: text };
  if (error.errors !== undefined) body.errors = { ...error.errors };
  if (format === 'extjs') {
    body.success = 0;
    body.status = error.status;
  }
  return JSON.stringify(body);
}

/** The reason phrase: the first line of the message. */
export function reasonOf(message: string): string {
  return message.split('\n').find((line) => line !== '') ?? '';
}

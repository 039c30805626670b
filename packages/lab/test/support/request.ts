import { Agent, request as send } from 'undici';
import type { Lab } from '../../src/index.js';

/** An answer of the lab: status, reason phrase, and the JSON body as it came. */
export interface Answer {
  readonly status: number;
  readonly reason: string;
  readonly body: {
    readonly data?: unknown;
    readonly errors?: Readonly<Record<string, string>>;
    readonly message?: string;
    readonly total?: number;
  };
  readonly text: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
}

export type Call = (
  method: string,
  path: string,
  params?: Readonly<Record<string, unknown>>,
  headers?: Record<string, string>,
) => Promise<Answer>;

const agent = new Agent({ connect: { rejectUnauthorized: false }, pipelining: 0, keepAliveTimeout: 1 });

/** Calls a lab over HTTPS with a token (default: its own); parameters of POST and PUT go as JSON, others in the query. */
export function callerOf(lab: Pick<Lab, 'url' | 'token'>, token: string | undefined = lab.token): Call {
  return async (method, path, params = {}, headers = {}) => {
    const inQuery = method === 'GET' || method === 'DELETE';
    const texts = Object.fromEntries(Object.entries(params).map(([key, value]) => [key, String(value)]));
    const query = inQuery ? new URLSearchParams(texts).toString() : '';
    const hasBody = !inQuery && Object.keys(params).length > 0;
    const response = await send(`${lab.url}/api2/json${path}${query === '' ? '' : `?${query}`}`, {
      dispatcher: agent,
      method: method as 'GET',
      headers: {
        ...(token === '' ? {} : { authorization: `PVEAPIToken=${token}` }),
        ...(hasBody ? { 'content-type': 'application/json' } : {}),
        ...headers,
      },
      ...(hasBody ? { body: JSON.stringify(params) } : {}),
    });
    const text = await response.body.text();
    return {
      status: response.statusCode,
      reason: response.statusText,
      body: parse(text),
      text,
      headers: response.headers,
    };
  };
}

function parse(text: string): Answer['body'] {
  try {
    const value: Answer['body'] = JSON.parse(text);
    return value;
  } catch {
    return {};
  }
}

/** Waits for a task; yields its exit status and log. */
export async function finish(lab: Lab, upid: unknown): Promise<{ status: string; log: readonly string[] }> {
  const status = await lab.inside.tasks.finished(String(upid));
  return { status, log: lab.state.tasks[String(upid)]?.log ?? [] };
}

import { setTimeout as sleep } from 'node:timers/promises';
import { classifyAnswer } from '../errors/classify-answer.js';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { redactSecrets } from '../errors/redact-secrets.js';
import { dispatchRequest, type WireAnswer, WireFailure, type WireRequest } from './dispatch-request.js';
import type { Endpoint, Endpoints } from './endpoints.js';
import { type AttemptFailure, decideRetry, pauseBefore } from './retry-policy.js';

/** Who is asking: adds the credentials, and gets new ones when the server no longer takes them. */
export interface Authorization {
  /** Headers that prove who is calling. */
  headers(method: string): Readonly<Record<string, string>> | Promise<Readonly<Record<string, string>>>;
  /**
   * Called after a 401 with the headers that were refused; true when others are there by then and the call, which was refused
   * unread, may be sent again.
   */
  renew(refused: Readonly<Record<string, string>>): Promise<boolean>;
  /** Values that no text may show. */
  secrets(): readonly string[];
}

/** A request as the API knows it: endpoint and credentials are added on the way. */
export interface ApiRequest {
  readonly method: WireRequest['method'];
  /** Below `/api2/json`, filled in and encoded, without query: `/nodes/pve/qemu`. */
  readonly path: string;
  /** Encoded, without `?`. */
  readonly query?: string | undefined;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  readonly body?: WireRequest['body'];
  readonly timeoutMs: number;
  readonly signal?: AbortSignal | undefined;
  /** Sends to this origin only. */
  readonly endpoint?: string | undefined;
  /** Whether the call only reads, so that it may be repeated; default: it is a GET. */
  readonly reading?: boolean | undefined;
  /** Values that no text may show, beside the credentials. */
  readonly secrets?: readonly string[] | undefined;
}

/** An answer with a status below 400. */
export type ApiAnswer = WireAnswer;

/** What requests are sent with. */
export interface Sender {
  readonly endpoints: Endpoints;
  readonly authorization: Authorization;
  /** How often a call may be repeated; default 2. */
  readonly retries: number;
}

/**
 * Sends a request until there is an answer that counts, by the one retry policy, within the deadline of the whole call.
 * @throws ProxmoxError by class of the failure; the reason of the signal when that aborted
 */
export async function sendRequest(sender: Sender, request: ApiRequest): Promise<ApiAnswer> {
  const { endpoints, authorization } = sender;
  const reading = request.reading ?? request.method === 'GET';
  const deadline = performance.now() + request.timeoutMs;
  const attempts = Math.max(sender.retries + 1, request.endpoint === undefined ? endpoints.all.length : 1);
  let renewed = false;
  for (let attempt = 1; ; attempt++) {
    const endpoint = endpoints.pick(request.endpoint);
    const credentials = authorization.headers(request.method);
    const identity = credentials instanceof Promise ? await credentials : credentials;
    const headers = request.headers ? { ...identity, ...request.headers } : identity;
    const wire: WireRequest = {
      method: request.method,
      path: `${endpoint.basePath}/api2/json${request.path}${request.query ? `?${request.query}` : ''}`,
      headers,
      body: request.body,
      expiresAt: isStream(request.body) ? performance.now() + request.timeoutMs : deadline,
      timeoutMs: request.timeoutMs,
      signal: request.signal,
    };
    let failure: AttemptFailure;
    let error: ProxmoxError;
    try {
      const answer = await dispatchRequest(endpoint, wire);
      if (answer.status < 400) return answer;
      if (
        answer.status === 401 &&
        !renewed &&
        !isStream(request.body) &&
        (await authorization.renew(identity))
      ) {
        renewed = true;
        continue;
      }
      const secrets = [...authorization.secrets(), ...(request.secrets ?? [])];
      const classified = classifyAnswer({
        ...request,
        ...answer,
        body: answer.text,
        secrets,
        reading,
      });
      failure = { kind: 'answer', status: answer.status, withoutEffect: classified.withoutEffect };
      error = classified.error;
    } catch (cause) {
      if (!(cause instanceof WireFailure)) throw cause;
      if (cause.kind === 'aborted') throw cause.cause;
      failure = cause.sent ? { kind: 'cut' } : { kind: 'not-sent' };
      error = describeFailure(cause, request, endpoint, reading, [
        ...authorization.secrets(),
        ...(request.secrets ?? []),
      ]);
      if (cause.kind === 'deadline' || error.code === 'PVE_TLS_FINGERPRINT' || error.code === 'PVE_TLS')
        throw error;
    }
    const decision = decideRetry(reading, failure);
    if (decision === 'give-up' || decision === 'outcome-unknown') throw error;
    if (attempt >= attempts || (isStream(request.body) && failure.kind !== 'not-sent')) throw error;
    if (decision === 'elsewhere') endpoints.leave(endpoint);
    const pause = pauseBefore(attempt, decision, request.endpoint === undefined ? endpoints.all.length : 1);
    if (performance.now() + pause >= deadline) throw error;
    if (pause > 0)
      await sleep(pause, undefined, request.signal ? { signal: request.signal } : {}).catch(
        throwReason(request.signal),
      );
  }
}

/** A streamed body is gone once it was read: its request is repeated only when nothing was sent. */
function isStream(body: ApiRequest['body']): boolean {
  return typeof body === 'object';
}

function throwReason(signal: AbortSignal | undefined): (error: unknown) => never {
  return (error) => {
    throw signal?.aborted ? signal.reason : error;
  };
}

const UNTRUSTED =
  /^(?:DEPTH_ZERO_SELF_SIGNED_CERT|SELF_SIGNED_CERT_IN_CHAIN|UNABLE_TO_|CERT_|ERR_TLS_|ERR_SSL_|EPROTO)/;

function describeFailure(
  failure: WireFailure,
  request: ApiRequest,
  endpoint: Endpoint,
  reading: boolean,
  secrets: readonly string[],
): ProxmoxError {
  const facts = {
    method: request.method,
    path: request.path,
    endpoint: endpoint.origin,
    cause: failure.cause,
  };
  const text = redactSecrets(failure.message || codeOf(failure.cause), secrets);
  const call = `${request.method} ${request.path}`;
  if (failure.sent && !reading) {
    return new ProxmoxError(
      'PVE_OUTCOME_UNKNOWN',
      `${call}: the outcome is unknown, ${endpoint.origin} gave no answer: ${text}`,
      facts,
    );
  }
  if (failure.kind === 'deadline')
    return new ProxmoxError('PVE_TIMEOUT', `${call}: ${endpoint.origin} gave ${text}`, facts);
  if (failure.cause instanceof ProxmoxError) return failure.cause;
  if (UNTRUSTED.test(codeOf(failure.cause))) {
    return new ProxmoxError('PVE_TLS', `${endpoint.origin} could not be trusted: ${text}`, facts);
  }
  const message = failure.sent
    ? `${call}: ${endpoint.origin} broke the connection: ${text}`
    : `${endpoint.origin} cannot be reached: ${text}`;
  return new ProxmoxError('PVE_UNREACHABLE', message, facts);
}

function codeOf(cause: unknown): string {
  if (typeof cause === 'object' && cause !== null && 'code' in cause && typeof cause.code === 'string')
    return cause.code;
  return '';
}

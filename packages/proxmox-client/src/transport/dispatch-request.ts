import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import type { Expiring } from './deadline-watch.js';
import type { Endpoint } from './endpoints.js';

/** One HTTP request to one endpoint. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with base and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | AsyncIterable<Uint8Array> | undefined;
  /** When it is given up, on the clock of `performance.now()`. */
  readonly expiresAt: number;
  /** How long that is in all; of streamed bodies since the last piece was taken, with each of which the time starts anew. */
  readonly timeoutMs: number;
  readonly signal: AbortSignal | undefined;
}

/** A complete answer of any status. */
export interface WireAnswer {
  /** Origin of the endpoint that answered. */
  readonly endpoint: string;
  readonly status: number;
  /** The reason phrase: PVE puts its error text there. */
  readonly reason: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  readonly text: string;
}

/** Why there is no answer. */
export class WireFailure extends Error {
  override readonly name = 'WireFailure';
  constructor(
    override readonly cause: unknown,
    /** Whether any byte of the request may have left: false means that it cannot have had an effect. */
    readonly sent: boolean,
    readonly kind: 'connection' | 'deadline' | 'aborted',
  ) {
    super(cause instanceof Error ? cause.message : String(cause));
  }
}

/**
 * Sends one request once and collects the whole answer, whatever its status.
 * Works on undici's dispatch interface because it alone tells whether a request was written before its connection failed.
 * @throws WireFailure when there is no complete answer
 */
export function dispatchRequest(endpoint: Endpoint, request: WireRequest): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const attempt = new Attempt(endpoint, request, resolve, reject);
    if (request.signal?.aborted) attempt.handleEvent();
    else attempt.start();
  });
}

/** One request under way: undici tells it what arrives, and the first of answer, failure, deadline and abort decides. */
class Attempt implements Dispatcher.DispatchHandler, Expiring {
  expiresAt: number;
  watchIndex: number | undefined;
  readonly #endpoint: Endpoint;
  readonly #request: WireRequest;
  readonly #resolve: (answer: WireAnswer) => void;
  readonly #reject: (failure: WireFailure) => void;
  #controller: Dispatcher.DispatchController | undefined;
  #settled = false;
  #status = 0;
  #reason = '';
  #headers: WireAnswer['headers'] = {};
  readonly #chunks: Buffer[] = [];

  constructor(
    endpoint: Endpoint,
    request: WireRequest,
    resolve: (answer: WireAnswer) => void,
    reject: (failure: WireFailure) => void,
  ) {
    this.expiresAt = request.expiresAt;
    this.#endpoint = endpoint;
    this.#request = request;
    this.#resolve = resolve;
    this.#reject = reject;
  }

  start(): void {
    const { method, path, headers, body, signal } = this.#request;
    this.#endpoint.watch.add(this);
    signal?.addEventListener('abort', this, { once: true });
    this.#endpoint.pool.dispatch(
      {
        method,
        path,
        headers,
        body:
          typeof body === 'object'
            ? Readable.from(this.#touching(body), { objectMode: false })
            : (body ?? null),
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      this,
    );
  }

  /** Of the signal's `abort`. */
  handleEvent(): void {
    this.#fail(this.#request.signal?.reason, 'aborted');
    this.#controller?.abort(new Error('aborted'));
  }

  onExpired(): void {
    const error = new Error(`no answer within ${this.#request.timeoutMs} ms`);
    this.#fail(error, 'deadline');
    this.#controller?.abort(error);
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    this.#controller = controller;
    if (this.#settled) controller.abort(new Error('given up before it was sent'));
  }

  onResponseStart(
    _controller: Dispatcher.DispatchController,
    status: number,
    headers: WireAnswer['headers'],
    reason = '',
  ): void {
    this.#status = status;
    this.#headers = headers;
    this.#reason = reason;
  }

  onResponseData(_controller: Dispatcher.DispatchController, chunk: Buffer): void {
    this.#chunks.push(chunk);
  }

  onResponseEnd(): void {
    if (this.#settle()) this.#resolve(this.#answer());
  }

  onResponseError(_controller: Dispatcher.DispatchController, error: Error): void {
    // An answer that is complete but for its ending counts when it already said why it refuses.
    if (this.#status < 400) this.#fail(error, 'connection');
    else if (this.#settle()) this.#resolve(this.#answer());
  }

  #answer(): WireAnswer {
    const [first] = this.#chunks;
    const bytes = first !== undefined && this.#chunks.length === 1 ? first : Buffer.concat(this.#chunks);
    return {
      endpoint: this.#endpoint.origin,
      status: this.#status,
      reason: this.#reason,
      headers: this.#headers,
      text: bytes.toString('utf8'),
    };
  }

  #fail(cause: unknown, kind: WireFailure['kind']): void {
    if (this.#settle()) this.#reject(new WireFailure(cause, this.#controller !== undefined, kind));
  }

  /** True for the first who asks: what comes later no longer counts. */
  #settle(): boolean {
    if (this.#settled) return false;
    this.#settled = true;
    this.#endpoint.watch.delete(this);
    this.#request.signal?.removeEventListener('abort', this);
    return true;
  }

  /** The time limit of a streamed body starts anew with each piece that is taken. */
  async *#touching(body: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const piece of body) {
      this.#touch();
      yield piece;
    }
    this.#touch();
  }

  #touch(): void {
    this.expiresAt = performance.now() + this.#request.timeoutMs;
  }
}

import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';

/** One HTTP request to one endpoint. */
export interface WireRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** Path with base and query. */
  readonly path: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body?: string | AsyncIterable<Uint8Array>;
  /** Gives up when so much time has passed in all, or, for streamed bodies, since the last piece was taken. */
  readonly timeoutMs: number;
  readonly signal?: AbortSignal;
}

/** A complete answer of any status. */
export interface WireAnswer {
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
export function dispatchRequest(dispatcher: Dispatcher, request: WireRequest): Promise<WireAnswer> {
  return new Promise((resolve, reject) => {
    const { signal } = request;
    let controller: Dispatcher.DispatchController | undefined;
    let settled = false;
    let status = 0;
    let reason = '';
    let headers: WireAnswer['headers'] = {};
    const chunks: Buffer[] = [];

    const settle = (finish: () => void): void => {
      if (settled) return;
      settled = true;
      clearTimeout(timer);
      signal?.removeEventListener('abort', onAbort);
      finish();
    };
    const fail = (cause: unknown, kind: WireFailure['kind']): void => {
      settle(() => reject(new WireFailure(cause, controller !== undefined, kind)));
    };
    const onDeadline = (): void => {
      const error = new Error(`no answer within ${request.timeoutMs} ms`);
      fail(error, 'deadline');
      controller?.abort(error);
    };
    const onAbort = (): void => {
      fail(signal?.reason, 'aborted');
      controller?.abort(new Error('aborted'));
    };
    const timer = setTimeout(onDeadline, request.timeoutMs);
    if (signal?.aborted) return onAbort();
    signal?.addEventListener('abort', onAbort, { once: true });

    const { body } = request;
    dispatcher.dispatch(
      {
        method: request.method,
        path: request.path,
        headers: request.headers,
        body:
          body === undefined || typeof body === 'string'
            ? (body ?? null)
            : Readable.from(touching(body, timer), { objectMode: false }),
        headersTimeout: 0,
        bodyTimeout: 0,
      },
      {
        onRequestStart(started) {
          controller = started;
          if (settled) started.abort(new Error('given up before it was sent'));
        },
        onResponseStart(_controller, statusCode, received, statusMessage) {
          status = statusCode;
          headers = received;
          reason = statusMessage ?? '';
        },
        onResponseData(_controller, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd() {
          const [first] = chunks;
          const bytes = chunks.length === 1 && first !== undefined ? first : Buffer.concat(chunks);
          settle(() => resolve({ status, reason, headers, text: bytes.toString('utf8') }));
        },
        onResponseError(_controller, error) {
          // An answer that is complete but for its ending counts when it already said why it refuses.
          if (status >= 400)
            settle(() => resolve({ status, reason, headers, text: Buffer.concat(chunks).toString('utf8') }));
          else fail(error, 'connection');
        },
      },
    );
  });
}

async function* touching(body: AsyncIterable<Uint8Array>, timer: NodeJS.Timeout): AsyncGenerator<Uint8Array> {
  for await (const piece of body) {
    timer.refresh();
    yield piece;
  }
  timer.refresh();
}

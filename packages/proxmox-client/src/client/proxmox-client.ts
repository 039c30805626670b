import type {
  Release,
  RequestArguments,
  Route,
  RouteData,
  RouteParameters,
  RoutesByRelease,
} from '../schema/route-types.js';
import type { Deadlines } from '../transport/deadlines.js';
import type { WebSocketConnection, WebSocketRequest } from '../transport/open-websocket.js';
import type { ApiAnswer, ApiRequest } from '../transport/send-request.js';

/** What one call may differ in. */
export interface RequestOptions {
  /** Aborts the call; it then rejects with the reason of the signal. A call that was already sent may still take effect. */
  readonly signal?: AbortSignal;
  /** Time limit of the whole call in milliseconds, repetitions included; default by operation class. */
  readonly timeoutMs?: number;
  /** Sends to this endpoint only, by its origin as in an answer. */
  readonly endpoint?: string;
  /**
   * Whether the call only reads, so that it may be repeated after a cut connection. Default: every GET does, nothing else.
   * `GET …/agent/exec-status` is the exception of PVE: it hands a result out once.
   */
  readonly reading?: boolean;
}

/** An answer with what stands around its data. */
export interface Exchange<T> {
  readonly data: T;
  /** Of lists given in parts, such as task logs: the number of entries in all. */
  readonly total?: number;
  /** Origin of the endpoint that answered. */
  readonly endpoint: string;
}

/**
 * A connection to one Proxmox VE cluster. Holds sockets and credentials and nothing else: any number of calls may run at
 * once, and a client may be shared by all of a program.
 */
export interface ProxmoxClient {
  /** The origins it was made for, in order of preference. */
  readonly endpoints: readonly string[];
  /** The time limits that hold for calls without one of their own. */
  readonly deadlines: Deadlines;

  /**
   * Makes one call and returns its `data`: `client.request('GET /nodes/{node}/qemu', { node: 'pve1' })`.
   * Parameters of path, query and body stand together under PVE's own names. Booleans, numbers and lists are encoded as PVE
   * wants them; answers are brought to the types of the schema, unknown keys are kept.
   * @throws ProxmoxError
   */
  request<K extends Route>(
    route: K,
    ...rest: RequestArguments<RouteParameters<K>, RequestOptions>
  ): Promise<RouteData<K>>;

  /** As `request`, with what stands around the data. */
  exchange<K extends Route>(
    route: K,
    ...rest: RequestArguments<RouteParameters<K>, RequestOptions>
  ): Promise<Exchange<RouteData<K>>>;

  /** The same client, typed and checked by the schema of one release. */
  forRelease<R extends Release>(release: R): ReleaseClient<R>;

  /** Sends a request that is already encoded, with endpoint, credentials and retry policy of this client: for transfers. */
  send(request: ApiRequest): Promise<ApiAnswer>;

  /** Opens a websocket with endpoint and credentials of this client: for terminals. */
  openWebSocket(request: WebSocketRequest): Promise<WebSocketConnection>;

  /** Closes all connections; calls under way fail. */
  close(): Promise<void>;
}

/** A client that knows the API of one release only. */
export interface ReleaseClient<R extends Release> {
  readonly release: R;
  request<K extends Route<R>>(
    route: K,
    ...rest: RequestArguments<ParametersOf<R, K>, RequestOptions>
  ): Promise<DataOf<R, K>>;
}

type ParametersOf<R extends Release, K extends keyof RoutesByRelease[R]> = RoutesByRelease[R][K] extends {
  params: infer P extends Readonly<Record<string, unknown>>;
}
  ? P
  : never;
type DataOf<R extends Release, K extends keyof RoutesByRelease[R]> = RoutesByRelease[R][K] extends {
  data: infer D;
}
  ? D
  : never;

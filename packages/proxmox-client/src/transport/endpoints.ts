import { Pool } from 'undici';
import { ProxmoxError } from '../errors/proxmox-error.js';
import { type ConnectorOptions, createConnector } from './connector.js';
import { createDeadlineWatch, type DeadlineWatch } from './deadline-watch.js';

/** One address of the cluster's API, with its connections. */
export interface Endpoint {
  /** `https://pve1:8006` */
  readonly origin: string;
  /** What stands before `/api2`; empty unless a reverse proxy adds a prefix. */
  readonly basePath: string;
  readonly pool: Pool;
  /** Time limits of the requests under way. */
  readonly watch: DeadlineWatch;
}

/** The addresses of one cluster, of which one is in use until it fails. */
export interface Endpoints {
  readonly all: readonly Endpoint[];
  /**
   * The address in use, or the one of this origin.
   * @throws ProxmoxError PVE_OPTIONS when none has that origin
   */
  pick(origin?: string): Endpoint;
  /** Turns to the next address, if `failed` is still the one in use: of many calls that meet the same failure the first decides. */
  leave(failed: Endpoint): void;
  close(): Promise<void>;
}

/**
 * Opens a pool of kept-alive connections per address; nothing is connected yet.
 * PVE closes idle connections after 5 s and any after 100 requests; both limits are kept from this side first, 99 being undici's way to
 * ask for the end with the hundredth.
 */
export function openEndpoints(
  urls: readonly string[],
  options: ConnectorOptions & { readonly connections: number },
): Endpoints {
  if (urls.length === 0) throw new ProxmoxError('PVE_OPTIONS', 'expected at least one URL, got none');
  const connect = createConnector(options);
  const watch = createDeadlineWatch();
  const all = urls.map((url): Endpoint => {
    const { origin, basePath } = readUrl(url, options.trust.insecure);
    const pool = new Pool(origin, {
      connect,
      connections: options.connections,
      keepAliveTimeout: 4_000,
      keepAliveMaxTimeout: 4_500,
      maxRequestsPerClient: 99,
    });
    return { origin, basePath, pool, watch };
  });
  let inUse = 0;
  const at = (index: number): Endpoint => {
    const endpoint = all[index];
    if (!endpoint) throw new RangeError(`no endpoint ${index}`);
    return endpoint;
  };
  return {
    all,
    pick(origin) {
      if (origin === undefined) return at(inUse);
      const found = all.find((endpoint) => endpoint.origin === origin);
      if (found) return found;
      throw new ProxmoxError('PVE_OPTIONS', `expected one of the client's endpoints, got ${origin}`);
    },
    leave(failed) {
      if (at(inUse) === failed) inUse = (inUse + 1) % all.length;
    },
    async close() {
      await Promise.all(all.map(({ pool }) => pool.destroy()));
    },
  };
}

/** Accepts what people write: `pve1`, `pve1:8006`, `https://pve1:8006`, `https://pve1:8006/api2/json`. */
function readUrl(text: string, insecure: boolean): { origin: string; basePath: string } {
  const full = text.includes('://')
    ? text
    : `https://${text.replace(/^([^:/]+|\[[^\]]+\])(?=\/|$)/, '$1:8006')}`;
  let url: URL;
  try {
    url = new URL(full);
  } catch (cause) {
    throw new ProxmoxError('PVE_OPTIONS', `expected a URL such as https://pve1:8006, got "${text}"`, {
      cause,
    });
  }
  if (url.username !== '' || url.password !== '') {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      'expected a URL without user and password; give `token` or `ticket` instead',
    );
  }
  const loopback = /^(localhost|127\.\d+\.\d+\.\d+|\[::1\])$/.test(url.hostname);
  if (url.protocol !== 'https:' && !(url.protocol === 'http:' && (loopback || insecure))) {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      `expected an https URL, got ${url.protocol}//${url.host}: over plain http anybody on the way reads the token`,
    );
  }
  return { origin: url.origin, basePath: url.pathname.replace(/\/(api2(\/(json|extjs)?)?\/?)?$/, '') };
}

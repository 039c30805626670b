import type { TicketLogin } from '../auth/ticket-authorization.js';
import type { Secret } from '../auth/token-authorization.js';
import type { Deadlines } from '../transport/deadlines.js';

/** How to reach a cluster, who is asking, and whom to trust. */
export interface ProxmoxClientOptions {
  /** One or several nodes of the same cluster, e.g. `https://pve1:8006`; when one cannot be reached the next is used. */
  readonly url: string | readonly string[];
  /** An API token `user@realm!name=secret`, or a function that gets it. */
  readonly token?: Secret;
  /** A user who logs in with a password instead; needed for what PVE denies to tokens, such as `args`. */
  readonly ticket?: TicketLogin;
  /** SHA-256 fingerprint of the certificate to accept: one for all endpoints, several, or one per host name. Counts before `ca`. */
  readonly fingerprint?: string | readonly string[] | Readonly<Record<string, string | readonly string[]>>;
  /** CA certificates in PEM that replace the system's. */
  readonly ca?: string | readonly string[];
  /** A file with such certificates, e.g. a copy of /etc/pve/pve-root-ca.pem. Read when the client is made. */
  readonly caFile?: string;
  /** Accepts any certificate: whoever is on the way can read the credentials. A process warning says so. */
  readonly insecure?: boolean;
  /** An HTTP proxy, `http://user:password@proxy:3128`, through which all connections go by CONNECT. */
  readonly proxy?: string;
  /** Checks parameters by PVE's schema before sending; default true. */
  readonly checkParameters?: boolean;
  /** Brings answers to the types of the schema; default true. */
  readonly coerceAnswers?: boolean;
  /** Time limits in milliseconds by operation class; those not given keep their defaults. */
  readonly deadlines?: Partial<Deadlines>;
  /** Time limit of one connection attempt in milliseconds; default 10 000. */
  readonly connectTimeoutMs?: number;
  /** How often a call that cannot have had an effect is repeated; default 2. */
  readonly retries?: number;
  /** Connections kept to one endpoint, default 16; a node answers with 3 workers, so more only queue there. */
  readonly connections?: number;
}

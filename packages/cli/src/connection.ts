import { CliError } from './cli-error.js';

/** How to reach and trust a Proxmox VE: what `createProxmoxClient` takes. */
export interface Connection {
  readonly url: readonly string[];
  readonly token: string;
  readonly fingerprint?: string;
  /** PEM file. */
  readonly caFile?: string;
  readonly insecure?: boolean;
}

type Env = Readonly<Record<string, string | undefined>>;

/**
 * Reads the connection from the environment. `PHOENIX_PVE_*` wins over the names that other tools of the
 * field read (`PROXMOX_VE_ENDPOINT`, `PROXMOX_VE_API_TOKEN`, `PROXMOX_VE_INSECURE`). Several addresses of one
 * cluster are separated by commas or blanks.
 * @throws {CliError} naming the variable that is missing or malformed
 */
export function readConnection(env: Env): Connection {
  const fingerprint = nonEmpty(env.PHOENIX_PVE_FINGERPRINT);
  const ca = nonEmpty(env.PHOENIX_PVE_CA);
  const insecure = isTrue(env.PHOENIX_PVE_INSECURE ?? env.PROXMOX_VE_INSECURE);
  return {
    url: readUrls(env),
    token: readToken(env),
    ...(fingerprint === undefined ? {} : { fingerprint }),
    ...(ca === undefined ? {} : { caFile: ca }),
    ...(insecure ? { insecure } : {}),
  };
}

/**
 * The addresses alone, for what needs no token.
 * @throws {CliError} when none is set or one is malformed
 */
export function readUrls(env: Env): readonly string[] {
  const [variable, value] = first(env, 'PHOENIX_PVE_URL', 'PROXMOX_VE_ENDPOINT');
  const urls = value?.split(/[\s,]+/).filter((part) => part !== '') ?? [];
  if (urls.length === 0)
    throw new CliError({
      code: 'CLI_NO_ENDPOINT',
      exit: 'connection',
      message: 'No Proxmox VE to talk to: PHOENIX_PVE_URL is not set.',
      hint: 'Set it, e.g. PHOENIX_PVE_URL=https://pve.example.org:8006; to try things out without one, run `phoenix lab start` and export the lines it prints.',
    });
  return urls.map((url) => readUrl(url, variable));
}

function readUrl(text: string, variable: string): string {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined || !['https:', 'http:'].includes(url.protocol) || url.hostname === '')
    throw new CliError({
      code: 'CLI_BAD_ENDPOINT',
      exit: 'connection',
      message: `${variable} must be an address like https://pve.example.org:8006; got "${text}".`,
      hint: 'Give scheme, host and port; Proxmox VE listens on 8006.',
    });
  return url.origin;
}

function readToken(env: Env): string {
  const [variable, value] = first(env, 'PHOENIX_PVE_TOKEN', 'PROXMOX_VE_API_TOKEN');
  if (value === undefined)
    throw new CliError({
      code: 'CLI_NO_TOKEN',
      exit: 'connection',
      message: 'No API token: PHOENIX_PVE_TOKEN is not set.',
      hint: 'Set it to user@realm!name=secret; docs/least-privilege.md shows how to make a token.',
    });
  const token = value.trim().replace(/^(?:Authorization:\s*)?PVEAPIToken[= ]/, '');
  if (!/^[^\s@!=]+@[^\s@!=]+![^\s!=]+=\S+$/.test(token))
    throw new CliError({
      code: 'CLI_BAD_TOKEN',
      exit: 'connection',
      message: `${variable} must look like user@realm!name=secret; ${describeTokenFault(token)}.`,
      hint: "Quote it with single quotes in a shell, because of the exclamation mark: export PHOENIX_PVE_TOKEN='root@pam!phoenix=…'.",
    });
  return token;
}

/** Says what is wrong with a token without showing it. */
function describeTokenFault(token: string): string {
  if (!token.includes('@')) return 'there is no "@realm" in it';
  if (!token.includes('!')) return 'there is no "!name" in it';
  if (!token.includes('=')) return 'there is no "=secret" in it';
  return 'it has a part too many, or blanks in it';
}

function first(env: Env, ...names: readonly [string, ...string[]]): readonly [string, string | undefined] {
  const found = names.find((name) => nonEmpty(env[name]) !== undefined);
  return found === undefined ? [names[0], undefined] : [found, env[found]];
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value.trim() === '' ? undefined : value.trim();
}

function isTrue(value: string | undefined): boolean {
  return value !== undefined && ['1', 'true', 'yes', 'on'].includes(value.trim().toLowerCase());
}

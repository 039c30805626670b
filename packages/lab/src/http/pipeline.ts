import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import type { Caller } from '../access/access.js';
import type { Authenticator } from '../access/authenticate.js';
import { AuthenticationError, credentialsOf } from '../access/authenticate.js';
import { checkPermission } from '../access/check-permission.js';
import type { Faults } from '../faults/faults.js';
import type { Lab } from '../lab.js';
import type { ApiSchema, MethodMatch } from '../schema/api-schema.js';
import { definitionOf, type RawValue, verifyObject } from '../schema/verify-parameters.js';
import { decodeForm, decodeJson, type RawParameters } from './decode-body.js';
import { errorBody, reasonOf, successBody } from './envelope.js';
import { htmlPage } from './html-page.js';
import { Params, type ParamValue } from './params.js';
import { badParameter, badParameters, errorText, failure, forbidden, PveError } from './pve-error.js';
import { type Handler, type HandlerResult, Reply, type RequestContext } from './route.js';
import { COMMON, type WireHandler, type WireRequest, type WireResponse } from './wire.js';

const MAX_BODY_BYTES = 512 * 1024;
/** Refused credentials are answered this long after the request came. */
const REFUSAL_MS = 3000;
/** Idle connections are closed after this. */
const IDLE_MS = 5000;
/** Lines of the request log that are kept at most. */
const KEPT_REQUESTS = 100_000;
const FORMATS: ReadonlySet<string> = new Set(['json', 'extjs', 'html']);
const GZIP_FROM_BYTES = 1024;

/** Of no configuration. */
const STALE_DIGEST = '0'.repeat(40);

const compress = promisify(gzip);

/** One line of the request log. */
export interface LoggedRequest {
  readonly method: string;
  /** Without `/api2/json` and query, decoded. */
  readonly path: string;
  /** The method's template, such as `/nodes/{node}/qemu`; absent when there is no such method. */
  readonly template?: string;
  /** Parameters by name, those of the path left out; values of passwords and keys are masked. */
  readonly params: Readonly<Record<string, unknown>>;
  /** Who called, as `root@pam!token`; absent when refused. */
  readonly caller?: string;
  /** 0 while it is being answered; -1 when the connection was dropped instead of an answer. */
  status: number;
}

/** Handlers that read the request themselves, because their body is not parameters: uploads and websockets. */
export type StreamHandler = (call: {
  readonly lab: Lab;
  readonly caller: Caller;
  readonly node: string;
  readonly pathParameters: Readonly<Record<string, string>>;
  readonly query: RawParameters;
  readonly request: WireRequest;
  readonly startTask: RequestContext['startTask'];
}) => Promise<Reply | 'drop' | 'taken'>;

/** What the pipeline is made of. */
export interface PipelineParts {
  readonly lab: Lab;
  readonly schema: ApiSchema;
  readonly authenticator: Authenticator;
  readonly faults: Faults;
  readonly handlers: ReadonlyMap<string, Handler>;
  readonly streams: ReadonlyMap<string, StreamHandler>;
  readonly requests: LoggedRequest[];
  readonly entryNode: () => string;
}

const SECRET = /^(password|cipassword|new-password|tfa-challenge|encryption-key|keyring)$/;

/**
 * Answers requests in PVE's order of checks: verb, format, credentials, CSRF, size of the body, route, conflicting parameters, tokens, permission,
 * forwarding to the node, parameters, code (pve-http-server AnyEvent.pm, pve-manager HTTPServer.pm).
 */
export function createPipeline(parts: PipelineParts): WireHandler {
  const { lab, faults, requests } = parts;
  return async (request) => {
    const query = request.target.indexOf('?');
    const path = decodePath(query < 0 ? request.target : request.target.slice(0, query));
    const logged: LoggedRequest = {
      method: request.method,
      path: path.replace(/^\/api2\/[^/]+/, ''),
      params: {},
      status: 0,
    };
    requests.push(logged);
    lab.clock.noticeRequest();
    if (requests.length > KEPT_REQUESTS) requests.splice(0, KEPT_REQUESTS / 2);
    const fault = faults.take(request.method, logged.path);
    if (fault?.delayMs !== undefined) await lab.clock.sleep(fault.delayMs);
    if (fault?.effect === 'drop-before') {
      logged.status = -1;
      return 'drop';
    }
    const instead = fault?.status;
    const atOnce = instead?.after === false ? instead : undefined;
    const response = await faults.during(fault, () =>
      answer(parts, request, path, query < 0 ? '' : request.target.slice(query + 1), logged, atOnce),
    );
    lab.commit();
    if (response === 'drop' || fault?.effect === 'drop-after') {
      logged.status = -1;
      return 'drop';
    }
    if (instead?.after === true && response !== 'taken') {
      logged.status = instead.status;
      return plain(instead.status, instead.reason, '');
    }
    logged.status = response === 'taken' ? 101 : response.status;
    return response;
  };
}

async function answer(
  parts: PipelineParts,
  request: WireRequest,
  path: string,
  queryText: string,
  logged: LoggedRequest,
  faultStatus: { status: number; reason: string } | undefined,
): Promise<WireResponse | 'drop' | 'taken'> {
  const { lab } = parts;
  const verb = request.method;
  if (!/^(GET|POST|PUT|DELETE)$/.test(verb)) return plain(501, `method '${verb}' not available`, '');
  if (/chunked/i.test(request.headers.get('transfer-encoding') ?? '')) {
    return plain(501, 'chunked transfer encoding not supported');
  }
  const located = /^\/api2\/([^/]+)(\/.*)?$/.exec(path);
  if (located === null) return path === '/' ? html(welcome()) : plain(501, `no such uri`);
  const format = located[1] ?? '';
  const rest = located[2] ?? '/';
  const arrivedMs = lab.clock.now();
  try {
    const segments = rest.split('/').filter((segment) => segment !== '');
    const match = parts.schema.find(verb, segments);
    if (match !== undefined) Object.assign(logged, { template: match.key.slice(verb.length + 1) });
    const caller = authenticate(parts, request, verb, match);
    if (caller !== undefined) Object.assign(logged, { caller: caller.authid });
    if (faultStatus !== undefined) return plain(faultStatus.status, faultStatus.reason, '');
    const stream = match === undefined ? undefined : parts.streams.get(match.key);
    if (stream !== undefined && match !== undefined && caller !== undefined && isStreamed(request, match)) {
      return await answerStream(parts, request, match, stream, caller, decodeForm(queryText), format);
    }
    if (match?.key.endsWith('/upload') === true && verb === 'POST') {
      // pveproxy waits for a form that never comes until the connection has been idle for too long.
      await lab.clock.sleep(IDLE_MS, request.signal);
      return 'drop';
    }
    const body = await readParameters(request, lab.release);
    const raw: RawParameters = { ...body, ...decodeForm(queryText) };
    Object.assign(logged, { params: maskSecrets(raw) });
    if (!FORMATS.has(format)) return plain(501, `no formatter for uri ${rest}, ${format}`);
    const shownPath = `/${segments.join('/')}`;
    if (match === undefined) throw new PveError(501, `Method '${verb} ${shownPath}' not implemented`);
    const { reply, forwarded } = await execute(parts, match, caller, raw, request.signal, shownPath);
    if (format === 'html') return html(htmlPage(shownPath, reply.data ?? null));
    const text = successBody(reply, format);
    return await withBody(
      request,
      200,
      'OK',
      text,
      forwarded
        ? [
            ['Connection', 'close'],
            ['Connection', 'Keep-Alive'],
          ]
        : [],
      false,
    );
  } catch (error) {
    const known = error instanceof PveError ? error : unexpected(error);
    const delayed = known instanceof AuthenticationError || known.status === 401;
    if (delayed) await lab.clock.sleep(Math.max(0, arrivedMs + REFUSAL_MS - lab.clock.now()), request.signal);
    if (known.plainBody !== undefined) return plain(known.status, reasonOf(known.message), known.plainBody);
    if (format === 'extjs') return withBody(request, 200, 'OK', errorBody(known, format), [], false);
    return withBody(request, known.status, reasonOf(known.message), errorBody(known, format), [], true);
  }
}

function authenticate(
  parts: PipelineParts,
  request: WireRequest,
  verb: string,
  match: MethodMatch | undefined,
): Caller | undefined {
  const { authenticator } = parts;
  const credentials = credentialsOf(request.headers.get('cookie'), request.headers.get('authorization'));
  if (credentials.ticket === undefined && credentials.token === undefined) {
    if (match?.facts.permissions?.user === 'world') return undefined;
    throw new AuthenticationError('No ticket');
  }
  if (match?.facts.permissions?.user === 'world' && credentials.ticket === undefined) return undefined;
  if (credentials.ticket === undefined) return authenticator.callerOfToken(credentials.token ?? '');
  if (match?.facts.permissions?.user === 'world') return undefined;
  const caller = authenticator.callerOfTicket(credentials.ticket);
  const upload = match?.key.endsWith('/upload') === true;
  if (
    verb !== 'GET' &&
    !upload &&
    !authenticator.verifyCsrfToken(caller.userid, request.headers.get('csrfpreventiontoken'))
  ) {
    throw new AuthenticationError('Permission denied - invalid csrf token');
  }
  return caller;
}

/** Reads the parameters of a body. @throws PveError without an envelope, as all errors before the API proper. */
async function readParameters(request: WireRequest, release: '8.4' | '9.2'): Promise<RawParameters> {
  const { method, contentLength } = request;
  const contentType = (request.headers.get('content-type') ?? '').split(';')[0]?.trim() ?? '';
  const isJson =
    contentType === 'application/json' &&
    (method === 'POST' || method === 'PUT') &&
    request.headers.has('content-length');
  if (contentLength === 0) return isJson ? decodeJson('', release) : {};
  if (method === 'GET' || method === 'DELETE')
    throw outside(501, `Unexpected content for method '${method}'`);
  const known =
    contentType === '' ||
    contentType === 'application/x-www-form-urlencoded' ||
    contentType === 'application/json';
  if (contentType !== 'multipart/form-data' && !known)
    throw outside(506, `upload 'Content-Type '${contentType}' not implemented`);
  if (contentLength > MAX_BODY_BYTES) throw outside(501, 'for data too large');
  const chunks: Uint8Array[] = [];
  for await (const chunk of request.body()) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString('utf8');
  return contentType === 'application/json' ? decodeJson(text, release) : decodeForm(text);
}

/** Everything from the route to the code. `forwarded` tells that pvedaemon, or another node, gave the answer. */
async function execute(
  parts: PipelineParts,
  match: MethodMatch,
  caller: Caller | undefined,
  raw: RawParameters,
  signal: AbortSignal,
  shownPath: string,
): Promise<{ reply: Reply; forwarded: boolean }> {
  const { lab, schema } = parts;
  const { facts, pathParameters } = match;
  for (const [name, value] of Object.entries(pathParameters)) {
    if (raw[name] !== undefined && String(raw[name]) !== value) {
      throw badParameter(name, 'duplicate parameter (already defined in URI) with conflicting values!');
    }
  }
  const values: RawParameters = { ...raw, ...pathParameters };
  if (values.digest !== undefined && parts.faults.digestIsStale()) values.digest = STALE_DIGEST;
  const definitions = schema.parameters(facts);
  normalizeLists(values, definitions);
  if (facts.noToken === 1 && caller?.tokenid !== undefined) {
    throw forbidden(`URI '${shownPath}' not available with API token, need proper ticket.`);
  }
  const nulls = Object.keys(values).filter((name) => values[name] === null);
  const params = new Params(toParams(values), nulls);
  const nobody: Caller = { userid: '', authid: '', isRoot: false };
  if (facts.permissions?.user !== 'world') {
    checkPermission(facts, { access: lab.access, state: lab.state, caller: caller ?? nobody, params });
  }
  const node = targetNode(
    parts,
    facts.proxyTo === undefined ? pathParameters.node : params.get(facts.proxyTo),
    facts.proxyTo !== undefined,
  );
  const errors = verifyObject(definitions, values, { release: lab.release, open: facts.open === 1 });
  if (Object.keys(errors).length > 0) throw badParameters(errors);
  const handler = parts.handlers.get(match.key);
  if (handler === undefined)
    throw new PveError(501, `Method '${match.key.split(' ')[0]} ${shownPath}' not implemented by the lab`);
  const answerer = caller ?? nobody;
  const result = await answerOf(handler, {
    lab,
    caller: answerer,
    node,
    params,
    signal,
    startTask: starter(lab, node, answerer),
  });
  return {
    reply: result instanceof Reply ? result : new Reply(result),
    forwarded: facts.protected === 1 || node !== parts.entryNode(),
  };
}

/** A handler's answer; one that returns nothing answers null. */
async function answerOf(handler: Handler, context: RequestContext): Promise<HandlerResult> {
  const result = await handler(context);
  return typeof result === 'undefined' ? null : result;
}

function starter(lab: Lab, node: string, caller: Caller): RequestContext['startTask'] {
  return ({ type, id = '', user = caller.authid, run, undo }) =>
    lab.tasks.start({ type, id: String(id), node, user, run, ...(undo && { undo }) });
}

/** The node that answers. @throws PveError for a node that is unknown (500) or offline (595). */
function targetNode(parts: PipelineParts, name: string | undefined, proxied: boolean): string {
  const entry = parts.entryNode();
  if (name === undefined || name === 'localhost') return entry;
  const node = parts.lab.state.nodes[name];
  if (node === undefined) {
    if (!proxied) return name;
    throw failure(
      `hostname lookup '${name}' failed - failed to get address info for: ${name}: Name or service not known`,
    );
  }
  if (!node.online && proxied) throw outside(595, 'No route to host', '');
  return name;
}

async function answerStream(
  parts: PipelineParts,
  request: WireRequest,
  match: MethodMatch,
  stream: StreamHandler,
  caller: Caller,
  query: RawParameters,
  format: string,
): Promise<WireResponse | 'drop' | 'taken'> {
  const { lab } = parts;
  const params = new Params(toParams({ ...query, ...match.pathParameters }));
  try {
    checkPermission(match.facts, { access: lab.access, state: lab.state, caller, params });
  } catch (error) {
    throw new AuthenticationErrorLike(errorText(error));
  }
  const node = targetNode(parts, match.pathParameters.node, true);
  const result = await stream({
    lab,
    caller,
    node,
    pathParameters: match.pathParameters,
    query,
    request,
    startTask: starter(lab, node, caller),
  });
  if (!(result instanceof Reply)) return result;
  return withBody(request, 200, 'OK', successBody(result, format), [], true);
}

/** A refusal of an upload: before the body is read, with the delay and the empty body of refused credentials, but 403. */
class AuthenticationErrorLike extends AuthenticationError {
  override readonly status = 403;
}

/** Uploads with a form, and websockets; other requests to the same path go the usual way. */
function isStreamed(request: WireRequest, match: MethodMatch): boolean {
  if (match.key.endsWith('vncwebsocket')) return /websocket/i.test(request.headers.get('upgrade') ?? '');
  return (
    /^multipart\/form-data/i.test(request.headers.get('content-type') ?? '') && request.contentLength > 0
  );
}

function normalizeLists(values: RawParameters, definitions: ReturnType<ApiSchema['parameters']>): void {
  for (const [name, value] of Object.entries(values)) {
    const definition = definitionOf(definitions, name);
    if (definition === undefined) continue;
    if (definition.type === 'array') {
      if (!Array.isArray(value) && value !== null && typeof value !== 'object')
        values[name] = value === '' ? value : [value];
    } else if (
      Array.isArray(value) &&
      typeof definition.format === 'string' &&
      definition.format.endsWith('-list')
    ) {
      values[name] = value.map(scalar).join(',');
    }
  }
}

function toParams(values: RawParameters): [string, ParamValue][] {
  const entries: [string, ParamValue][] = [];
  for (const [name, value] of Object.entries(values)) {
    if (value === null) continue;
    entries.push([name, Array.isArray(value) ? value.map(scalar) : scalar(value)]);
  }
  return entries;
}

function scalar(value: RawValue): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  return typeof value === 'object' ? JSON.stringify(value) : String(value);
}

function maskSecrets(values: RawParameters): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(values).map(([name, value]) => [name, SECRET.test(name) ? '**********' : value]),
  );
}

function decodePath(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

function outside(status: number, text: string, body: string = text): PveError {
  return new PveError(status, text, { plainBody: body });
}

function unexpected(error: unknown): PveError {
  return failure(errorText(error));
}

function plain(status: number, reason: string, body: string = reason): WireResponse {
  return {
    status,
    reason,
    headers: [...COMMON, ['Connection', 'close']],
    ...(body === '' ? {} : { body: Buffer.from(body) }),
    close: true,
  };
}

function html(text: string): WireResponse {
  return {
    status: 200,
    reason: 'OK',
    headers: [...COMMON, ['Content-Type', 'text/html;charset=UTF-8']],
    body: Buffer.from(text),
    close: false,
  };
}

function welcome(): string {
  return '<!DOCTYPE html>\n<title>Proxmox VE lab</title>\n<p>This is an emulated Proxmox VE. It answers the API below /api2/json; it has no web interface.</p>\n';
}

async function withBody(
  request: WireRequest,
  status: number,
  reason: string,
  text: string,
  headers: readonly (readonly [string, string])[],
  close: boolean,
): Promise<WireResponse> {
  let body: Buffer | string = text;
  const all: (readonly [string, string])[] = [
    ...COMMON,
    ...headers,
    ['Content-Type', 'application/json;charset=UTF-8'],
  ];
  if (close) all.push(['Connection', 'close']);
  if (text.length > GZIP_FROM_BYTES && /gzip/.test(request.headers.get('accept-encoding') ?? '')) {
    body = await compress(text);
    all.push(['Content-Encoding', 'gzip']);
  }
  return { status, reason, headers: all, body, close };
}

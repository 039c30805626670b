import { ProxmoxError } from '../errors/proxmox-error.js';
import { redactSecrets, secretsOf } from '../errors/redact-secrets.js';
import { createCoercions } from '../schema/coerce-data.js';
import type { Release } from '../schema/route-types.js';
import { loadSchemaFacts } from '../schema/schema-facts.js';
import { type ApiRequest, type Sender, sendRequest } from '../transport/send-request.js';
import { encodeCall, type RouteShape } from '../wire/encode-call.js';
import { readEnvelope } from '../wire/read-envelope.js';
import { type CallOptions, type PreparedRoute, prepareRoute, type Schema } from './prepare-route.js';
import type { Exchange, RequestOptions } from './proxmox-client.js';

type Caller = (
  route: string,
  parameters?: Readonly<Record<string, unknown>>,
  options?: RequestOptions,
) => Promise<Exchange<never>>;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One call from route and parameters to data: check, encode, send, read, coerce; by the schema of one release or of all. */
export function createCaller(sender: Sender, options: CallOptions, release?: Release): Caller {
  const routeOf = routeLookup(options, release);
  return async (route, parameters = {}, requestOptions) => {
    const found = routeOf(route);
    const prepared = found instanceof Promise ? await found : found;
    const { shape, check, coercion } = prepared;
    const errors = check?.(parameters);
    if (errors) throw notSent(shape, parameters, errors);
    const call = encodeCall(shape, parameters, prepared.isListParameter);
    const request: ApiRequest = {
      method: shape.method,
      path: call.path,
      query: call.query,
      body: call.body,
      headers: call.body === undefined ? undefined : FORM,
      timeoutMs: requestOptions?.timeoutMs ?? prepared.timeoutMs,
      signal: requestOptions?.signal,
      endpoint: requestOptions?.endpoint,
      reading: requestOptions?.reading,
      secrets: secretsOf(parameters),
    };
    const answer = await sendRequest(sender, request);
    const envelope = readEnvelope(answer, shape.method, call.path);
    const data = coercion ? coercion(envelope.data) : envelope.data;
    // The one place where an answer of the wire takes on the type of its route: PVE's schema describes it, nothing proves it.
    const exchange = { data: data as never, endpoint: answer.endpoint };
    return envelope.total === undefined ? exchange : { ...exchange, total: envelope.total };
  };
}

/** Finds what is known of a route; a promise only at the first call, which loads the schema. */
function routeLookup(
  options: CallOptions,
  release: Release | undefined,
): (route: string) => PreparedRoute | Promise<PreparedRoute> {
  const prepared = new Map<string, PreparedRoute>();
  let schema: Schema | undefined;
  const lookUp = (route: string): PreparedRoute | Promise<PreparedRoute> => {
    const known = prepared.get(route);
    if (known) return known;
    if (!schema) {
      return loadSchemaFacts().then((facts) => {
        schema ??= { facts, coercionOf: createCoercions(facts) };
        return lookUp(route);
      });
    }
    const found = prepareRoute(schema, options, route, release);
    prepared.set(route, found);
    return found;
  };
  return lookUp;
}

function notSent(
  { method, template }: RouteShape,
  parameters: Readonly<Record<string, unknown>>,
  errors: Readonly<Record<string, string>>,
): ProxmoxError {
  const secrets = secretsOf(parameters);
  const found = Object.entries(errors).map(([name, text]) => [name, redactSecrets(text, secrets)] as const);
  const problems = found.map(([name, text]) => `${name}: ${text}`).join('; ');
  return new ProxmoxError('PVE_PARAMETER', `${method} ${template}: not sent, ${problems}`, {
    method,
    path: template,
    errors: Object.fromEntries(found),
  });
}

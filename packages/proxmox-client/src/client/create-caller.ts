import { ProxmoxError } from '../errors/proxmox-error.js';
import { redactSecrets, secretsOf } from '../errors/redact-secrets.js';
import { checkParameters } from '../schema/check-parameters.js';
import { createCoercions } from '../schema/coerce-data.js';
import { loadSchemaFacts, type RouteFacts, type SchemaFacts } from '../schema/schema-facts.js';
import { type Deadlines, operationClassOf } from '../transport/deadlines.js';
import { type Sender, sendRequest } from '../transport/send-request.js';
import { encodeCall, type RouteShape, shapeOf } from '../wire/encode-call.js';
import { readEnvelope } from '../wire/read-envelope.js';
import type { Exchange, RequestOptions } from './proxmox-client.js';

export interface CallerOptions {
  readonly deadlines: Deadlines;
  readonly checkParameters: boolean;
  readonly coerceAnswers: boolean;
}

type Caller = (
  route: string,
  parameters?: object,
  options?: RequestOptions,
  release?: string,
) => Promise<Exchange<never>>;

const FORM = { 'content-type': 'application/x-www-form-urlencoded' };

/** One call from route and parameters to data: check, encode, send, read, coerce. */
export function createCaller(sender: Sender, options: CallerOptions): Caller {
  let known: { facts: SchemaFacts; coercionOf: ReturnType<typeof createCoercions> } | undefined;
  return async (route, given = {}, requestOptions = {}, release) => {
    if (!known) {
      const facts = await loadSchemaFacts();
      known = { facts, coercionOf: createCoercions(facts) };
    }
    const { facts, coercionOf } = known;
    const shape = shapeOf(route);
    const parameters: Readonly<Record<string, unknown>> = { ...given };
    const routeFacts = facts.routes[route];
    if (options.checkParameters && routeFacts) requireValid(facts, routeFacts, shape, parameters, release);
    const call = encodeCall(shape, parameters, (name) => isListParameter(facts, routeFacts, name));
    const answer = await sendRequest(sender, {
      ...requestOptions,
      method: shape.method,
      path: call.path,
      timeoutMs:
        requestOptions.timeoutMs ?? options.deadlines[operationClassOf(shape.method, shape.template)],
      secrets: secretsOf(parameters),
      ...(call.query === undefined ? {} : { query: call.query }),
      ...(call.body === undefined ? {} : { body: call.body, headers: FORM }),
    });
    const envelope = readEnvelope(answer, shape.method, call.path);
    const coercion = options.coerceAnswers && routeFacts ? coercionOf(routeFacts, release) : undefined;
    const data = coercion ? coercion(envelope.data) : envelope.data;
    // The one place where an answer of the wire takes on the type of its route: PVE's schema describes it, nothing proves it.
    return {
      data: data as never,
      endpoint: answer.endpoint,
      ...(envelope.total === undefined ? {} : { total: envelope.total }),
    };
  };
}

function requireValid(
  facts: SchemaFacts,
  route: RouteFacts,
  shape: RouteShape,
  parameters: Readonly<Record<string, unknown>>,
  release?: string,
): void {
  const errors = checkParameters(facts, route, parameters, release);
  const found = Object.entries(errors);
  if (found.length === 0) return;
  const text = `${shape.method} ${shape.template}: not sent, ${found.map(([name, problem]) => `${name}: ${problem}`).join('; ')}`;
  const secrets = secretsOf(parameters);
  throw new ProxmoxError('PVE_PARAMETER', redactSecrets(text, secrets), {
    method: shape.method,
    path: shape.template,
    errors: Object.fromEntries(found.map(([name, problem]) => [name, redactSecrets(problem, secrets)])),
  });
}

function isListParameter(facts: SchemaFacts, route: RouteFacts | undefined, name: string): boolean {
  const reference = route?.parameters?.[name];
  const number = typeof reference === 'number' ? reference : reference?.findLast((one) => one >= 0);
  return number !== undefined && facts.values[number]?.type !== 'array';
}

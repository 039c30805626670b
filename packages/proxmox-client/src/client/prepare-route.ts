import { createParameterCheck, type ParameterCheck } from '../schema/check-parameters.js';
import type { Coercion, CoercionOf } from '../schema/coerce-data.js';
import type { Release } from '../schema/route-types.js';
import type { RouteFacts, SchemaFacts } from '../schema/schema-facts.js';
import { type Deadlines, operationClassOf } from '../transport/deadlines.js';
import { type RouteShape, shapeOf } from '../wire/encode-call.js';

/** What a client knows of one route before it is called, so that each call only has to use it. */
export interface PreparedRoute {
  readonly shape: RouteShape;
  readonly timeoutMs: number;
  /** Absent where nothing is checked: by option, or because the schema does not have the route. */
  readonly check: ParameterCheck | undefined;
  /** Absent where answers stay as they are. */
  readonly coercion: Coercion | undefined;
  /** Whether a list goes out as one text joined by commas, and not as a repeated key. */
  isListParameter(name: string): boolean;
}

/** What is known of all routes. */
export interface Schema {
  readonly facts: SchemaFacts;
  readonly coercionOf: CoercionOf;
}

/** How calls are made. */
export interface CallOptions {
  readonly deadlines: Deadlines;
  readonly checkParameters: boolean;
  readonly coerceAnswers: boolean;
}

/**
 * Looks up a route, which may be one that the schema does not have.
 * @throws ProxmoxError PVE_OPTIONS when the text is not a verb and a path
 */
export function prepareRoute(
  { facts, coercionOf }: Schema,
  options: CallOptions,
  route: string,
  release: Release | undefined,
): PreparedRoute {
  const shape = shapeOf(route);
  const known = facts.routes[route];
  return {
    shape,
    timeoutMs: options.deadlines[operationClassOf(shape.method, shape.template)],
    check: options.checkParameters && known ? createParameterCheck(facts, known, release) : undefined,
    coercion: options.coerceAnswers && known ? coercionOf(known, release) : undefined,
    isListParameter: (name) => isListParameter(facts, known, name),
  };
}

function isListParameter(facts: SchemaFacts, route: RouteFacts | undefined, name: string): boolean {
  const reference = route?.parameters?.[name];
  const number = typeof reference === 'number' ? reference : reference?.findLast((one) => one >= 0);
  return number !== undefined && facts.values[number]?.type !== 'array';
}

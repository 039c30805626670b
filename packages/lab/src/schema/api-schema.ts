import type { LabRelease } from '../state/lab-state.js';
import type { Definition, Definitions, MethodFacts } from './definition.js';

/** A method found for a request. */
export interface MethodMatch {
  /** `GET /nodes/{node}/qemu`. */
  readonly key: string;
  readonly facts: MethodFacts;
  /** Values of the template's parts. */
  readonly pathParameters: Readonly<Record<string, string>>;
}

/** PVE's API of one release: routes and parameter definitions. */
export interface ApiSchema {
  readonly release: LabRelease;
  /** All methods, as `GET /version`. */
  readonly keys: readonly string[];
  /** The method for a verb and the decoded path (without `/api2/json`); undefined when there is none. */
  find(verb: string, segments: readonly string[]): MethodMatch | undefined;
  facts(key: string): MethodFacts;
  /** The parameters of a method, by name. */
  parameters(facts: MethodFacts): Definitions;
}

interface RouteNode {
  readonly literals: Map<string, RouteNode>;
  parameter?: { readonly name: string; readonly node: RouteNode };
  template?: string;
}

/** Paths whose last parameter takes the rest of the path, slashes included. */
const REST_PARAMETERS: ReadonlySet<string> = new Set(['volume', 'cidr']);

/** The root directory, which the schema file does not hold. */
const ROOT_INDEX = '{"name":"index","parameters":{},"permissions":{"user":"all"},"index":"{subdir}"}';

const loaded = new Map<LabRelease, Promise<ApiSchema>>();

/** The schema of a release; loaded once per process. */
export function loadApiSchema(release: LabRelease): Promise<ApiSchema> {
  const known = loaded.get(release);
  if (known !== undefined) return known;
  const schema = (
    release === '8.4' ? import('./generated/pve-8-4.js') : import('./generated/pve-9-2.js')
  ).then(({ methods, definitions }) => createApiSchema(release, methods, definitions));
  loaded.set(release, schema);
  return schema;
}

function createApiSchema(
  release: LabRelease,
  methods: Readonly<Record<string, string>>,
  definitions: readonly string[],
): ApiSchema {
  const root: RouteNode = { literals: new Map() };
  const all: Readonly<Record<string, string>> = { 'GET /': ROOT_INDEX, ...methods };
  const keys = Object.keys(all);
  for (const key of keys) addRoute(root, key.slice(key.indexOf(' ') + 1));
  const facts = remember((key: string): MethodFacts => JSON.parse(all[key] ?? '{}'));
  const definition = remember((index: number): Definition => JSON.parse(definitions[index] ?? '{}'));
  const parameters = remember((method: MethodFacts): Definitions => {
    const named: Record<string, Definition> = {};
    for (const [name, index] of Object.entries(method.parameters)) named[name] = definition(index);
    return named;
  });
  return {
    release,
    keys,
    facts,
    parameters,
    find: (verb, segments) => {
      const pathParameters: Record<string, string> = {};
      const template = match(root, segments, pathParameters);
      const key = `${verb} ${template}`;
      return template === undefined || all[key] === undefined
        ? undefined
        : { key, facts: facts(key), pathParameters };
    },
  };
}

function addRoute(root: RouteNode, path: string): void {
  let node = root;
  for (const part of path.split('/').filter((text) => text !== '')) {
    if (part.startsWith('{')) {
      node.parameter ??= { name: part.slice(1, -1), node: { literals: new Map() } };
      node = node.parameter.node;
    } else {
      const next: RouteNode = node.literals.get(part) ?? { literals: new Map() };
      node.literals.set(part, next);
      node = next;
    }
  }
  node.template = path;
}

function match(
  root: RouteNode,
  segments: readonly string[],
  values: Record<string, string>,
): string | undefined {
  let node = root;
  for (const [index, segment] of segments.entries()) {
    const literal = node.literals.get(segment);
    if (literal !== undefined) {
      node = literal;
      continue;
    }
    if (node.parameter === undefined) return undefined;
    const { name } = node.parameter;
    node = node.parameter.node;
    if (REST_PARAMETERS.has(name)) {
      values[name] = segments.slice(index).join('/');
      break;
    }
    values[name] = segment;
  }
  return node.template;
}

function remember<Key, Value>(make: (key: Key) => Value): (key: Key) => Value {
  const made = new Map<Key, Value>();
  return (key) => {
    const known = made.get(key);
    if (known !== undefined) return known;
    const value = make(key);
    made.set(key, value);
    return value;
  };
}

import { ProxmoxError } from '../errors/proxmox-error.js';

/** A route cut into what a call needs. */
export interface RouteShape {
  readonly method: 'GET' | 'POST' | 'PUT' | 'DELETE';
  /** `/nodes/{node}/qemu` */
  readonly template: string;
  /** Names of the path parameters. */
  readonly pathParameters: readonly string[];
  /** The same with what stands before each of them, and what stands behind the last. */
  readonly slots: readonly { readonly before: string; readonly name: string }[];
  readonly tail: string;
}

/** What goes over the wire for one call, before endpoint and credentials. */
export interface EncodedCall {
  readonly path: string;
  /** Of GET and DELETE: PVE refuses a body there. */
  readonly query?: string;
  /** Of POST and PUT: `application/x-www-form-urlencoded`. */
  readonly body?: string;
}

/** @throws ProxmoxError PVE_OPTIONS when the text is not a verb and a path */
export function shapeOf(route: string): RouteShape {
  const [, method, template] = /^(GET|POST|PUT|DELETE) (\/.*)$/.exec(route) ?? [];
  if (!isMethod(method) || template === undefined) {
    throw new ProxmoxError(
      'PVE_OPTIONS',
      `expected a route such as "GET /nodes/{node}/qemu", got "${route}"`,
    );
  }
  const slots = [...template.matchAll(/([^{]*)\{([^}]+)\}/g)].map(([, before = '', name = '']) => ({
    before,
    name,
  }));
  const tail = template.slice(template.lastIndexOf('}') + 1);
  return { method, template, pathParameters: slots.map(({ name }) => name), slots, tail };
}

function isMethod(text: string | undefined): text is RouteShape['method'] {
  return text === 'GET' || text === 'POST' || text === 'PUT' || text === 'DELETE';
}

/**
 * Fills the path and encodes the remaining parameters. Booleans become 1 and 0, the only forms PVE takes; arrays repeat their key,
 * but for `*-list` strings, which `isList` names and which are joined by commas; undefined is left out.
 * @throws ProxmoxError PVE_PARAMETER for a missing path parameter or a value that has no form on the wire
 */
export function encodeCall(
  shape: RouteShape,
  parameters: Readonly<Record<string, unknown>>,
  isList: (name: string) => boolean,
): EncodedCall {
  const { method, template, pathParameters } = shape;
  let path = '';
  for (const { before, name } of shape.slots) {
    const value = parameters[name];
    if (value === undefined || value === null || value === '') {
      const errors = { [name]: 'property is missing and it is not optional' };
      throw new ProxmoxError('PVE_PARAMETER', `${method} ${template}: ${name}: ${errors[name]}`, {
        errors,
        method,
        path: template,
      });
    }
    path += before + encodePathPart(String(value));
  }
  path += shape.tail;
  let encoded = '';
  for (const name of Object.keys(parameters)) {
    const value = parameters[name];
    if (value === undefined || pathParameters.includes(name)) continue;
    if (!Array.isArray(value)) encoded += pair(shape, name, value);
    else if (isList(name)) encoded += pair(shape, name, value.join(','));
    else for (const one of value) encoded += pair(shape, name, one);
  }
  if (method === 'POST' || method === 'PUT') return { path, body: encoded.slice(1) };
  return encoded === '' ? { path } : { path, query: encoded.slice(1) };
}

/** One pair with the `&` before it. */
function pair(shape: RouteShape, name: string, value: unknown): string {
  return `&${encodeURIComponent(name)}=${encodeURIComponent(scalar(shape, name, value))}`;
}

/** Slashes stay: PVE decodes the path before it splits it, and takes volumes and networks from the rest of the path. */
function encodePathPart(value: string): string {
  return encodeURIComponent(value).replaceAll('%2F', '/');
}

function scalar(shape: RouteShape, name: string, value: unknown): string {
  if (typeof value === 'boolean') return value ? '1' : '0';
  if (typeof value === 'string') return value;
  if (typeof value === 'number' && Number.isFinite(value)) return String(value);
  const errors = {
    [name]: `expected text, number, boolean or a list of these, got ${value === null ? 'null' : typeof value}`,
  };
  throw new ProxmoxError('PVE_PARAMETER', `${shape.method} ${shape.template}: ${name}: ${errors[name]}`, {
    errors,
    hint: 'Leave a parameter out instead of passing null; clear a setting with `delete`.',
  });
}

import { defineRoute, type Route } from '../http/route.js';
import type { ApiSchema } from '../schema/api-schema.js';

/** Directories whose entries PVE lists in an order of its own, or with more or other names than the schema's children. */
const ROOT = ['version', 'cluster', 'nodes', 'storage', 'access', 'pools'];

/**
 * Answers for every directory of the API (a `GET` whose result is a list of links to its children): the names below it, under the key that the schema's link
 * names. Methods with a handler of their own are left out.
 */
export function indexRoutes(schema: ApiSchema, handled: ReadonlySet<string>): readonly Route[] {
  const children = new Map<string, Set<string>>();
  for (const key of schema.keys) {
    const path = key.slice(key.indexOf(' ') + 1);
    const parts = path.split('/').slice(1);
    for (let depth = 0; depth < parts.length; depth += 1) {
      const parent = `/${parts.slice(0, depth).join('/')}`;
      const child = parts[depth] ?? '';
      if (child === '' || child.startsWith('{')) continue;
      const names = children.get(parent) ?? new Set();
      children.set(parent, names.add(child));
    }
  }
  const routes: Route[] = [defineRoute('GET /', () => ROOT.map((subdir) => ({ subdir })))];
  for (const key of schema.keys) {
    const link = key.startsWith('GET ') ? /^\{(\w+)\}$/.exec(schema.facts(key).index ?? '')?.[1] : undefined;
    const path = key.slice(4);
    const names = children.get(path);
    if (link === undefined || names === undefined || handled.has(key) || path === '/') continue;
    routes.push(defineRoute(key, () => [...names].map((name) => ({ [link]: name }))));
  }
  return routes;
}

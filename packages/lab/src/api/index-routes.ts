import { defineRoute, type Route } from '../http/route.js';
import type { ApiSchema } from '../schema/api-schema.js';

/** Directories that PVE lists in an order of its own. Names that a release does not have are left out. */
const ORDER: Readonly<Record<string, string>> = {
  '/': 'version cluster nodes storage access pools',
  '/access': 'users groups roles acl domains openid tfa ticket password',
  '/cluster':
    'acme backup backup-info bulk-action ceph config firewall ha jobs log mapping metrics notifications nextid options qemu replication resources status tasks sdn',
};

/** Children that the directory above does not list. */
const HIDDEN: Readonly<Record<string, ReadonlySet<string>>> = {
  '/nodes/{node}': new Set(['execute', 'vncwebsocket']),
};

/** Children that stand last. */
const LAST: Readonly<Record<string, string>> = { '/nodes/{node}': 'sdn' };

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
  const namesOf = (path: string): readonly string[] => {
    const names = [...(children.get(path) ?? [])].filter((name) => HIDDEN[path]?.has(name) !== true);
    const order = ORDER[path]?.split(' ');
    if (order !== undefined) return order.filter((name) => names.includes(name));
    const last = LAST[path];
    return names.sort((a, b) => Number(a === last) - Number(b === last) || (a < b ? -1 : 1));
  };
  const routes: Route[] = [];
  for (const key of schema.keys) {
    const link = key.startsWith('GET ') ? /^\{(\w+)\}$/.exec(schema.facts(key).index ?? '')?.[1] : undefined;
    const path = key.slice(4);
    if (link === undefined || handled.has(key) || !children.has(path)) continue;
    routes.push(defineRoute(key, () => namesOf(path).map((name) => ({ [link]: name }))));
  }
  return routes;
}

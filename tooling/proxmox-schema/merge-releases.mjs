import { INDEX_LIMITS } from './index-limits.mjs';

/**
 * Folds the facts of several releases into one table. Every distinct value description is stored once, in `values`;
 * routes refer to it by number. Where releases differ, a reference is a list with one number per release, -1 for absent.
 */
export function mergeReleases(releases) {
  const names = releases.map(({ release }) => release);
  const values = [];
  const numbers = new Map();
  const intern = (facts) => {
    if (facts === undefined) return -1;
    const stored = { ...facts };
    if (stored.items) stored.items = intern(stored.items);
    if (stored.properties) {
      stored.properties = sortKeys(
        Object.fromEntries(Object.entries(stored.properties).map(([k, v]) => [k, intern(v)])),
      );
    }
    const text = JSON.stringify(sortKeys(stored));
    if (!numbers.has(text)) {
      numbers.set(text, values.length);
      values.push(JSON.parse(text));
    }
    return numbers.get(text);
  };
  const same = (list) =>
    list.every((item) => JSON.stringify(item) === JSON.stringify(list[0])) ? list[0] : list;

  const keys = [...new Set(releases.flatMap(({ routes }) => [...routes.keys()]))].sort();
  const routes = {};
  for (const key of keys) {
    const versions = releases.map(({ routes: all }) => all.get(key));
    const present = versions.filter(Boolean);
    const parameters = {};
    for (const name of [...new Set(present.flatMap((route) => Object.keys(route.parameters)))].sort()) {
      // A release without the route says nothing about its parameters.
      const refs = versions.map((route) => (route ? intern(route.parameters[name]) : undefined));
      const known = refs.filter((ref) => ref !== undefined);
      parameters[name] = known.every((ref) => ref === known[0]) ? known[0] : refs.map((ref) => ref ?? -1);
    }
    const data = present.map((route) => intern(route.data));
    routes[key] = {
      ...(present.length < names.length ? { in: names.filter((_, index) => versions[index]) } : {}),
      ...(Object.keys(parameters).length > 0 ? { parameters } : {}),
      data: same(data),
      ...optional('protected', same(present.map((route) => route.protected))),
      ...optional('proxyto', same(present.map((route) => route.proxyto))),
      ...optional('allowtoken', same(present.map((route) => route.allowtoken))),
      ...optional('permissions', permissionsOf(present)),
    };
  }
  return { releases: names, indexes: INDEX_LIMITS, values, routes };
}

/** Either the one rule of all releases, or the newest one's first under `newest` with the others behind it. */
function permissionsOf(present) {
  const texts = present.map((route) => JSON.stringify(route.permissions));
  if (texts.every((text) => text === texts[0])) return present[0].permissions;
  return { byRelease: present.map((route) => route.permissions ?? null) };
}

function optional(key, value) {
  return value === undefined ? {} : { [key]: value };
}

function sortKeys(object) {
  return Object.fromEntries(Object.entries(object).sort(([a], [b]) => (a < b ? -1 : 1)));
}

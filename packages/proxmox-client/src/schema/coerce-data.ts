import type { RouteFacts, SchemaFacts } from './schema-facts.js';

/** Brings one value to the type its schema names; absent where nothing can need it. */
export type Coercion = (value: unknown) => unknown;

/** The coercion of a route's answer, by one release or by the newest that has the route. */
export type CoercionOf = (route: RouteFacts, release?: string) => Coercion | undefined;

/**
 * PVE answers the same fact as 1, "1" or 1.0, from call to call and release to release. Coercions bring scalars to the type of
 * the schema: booleans to true and false, integers and numbers to numbers, strings to strings. A value that does not fit stays
 * as it came, and keys that the schema does not know are kept.
 */
export function createCoercions(facts: SchemaFacts): CoercionOf {
  const known = new Map<number, Coercion | undefined>();
  const coercionOf = (number: number): Coercion | undefined => {
    if (!known.has(number)) known.set(number, build(number));
    return known.get(number);
  };
  const build = (number: number): Coercion | undefined => {
    const value = facts.values[number];
    switch (value?.type) {
      case 'boolean':
        return toBoolean;
      case 'integer':
      case 'number':
        return toNumber;
      case 'string':
        return toText;
      case 'array': {
        const item = value.items === undefined ? undefined : coercionOf(value.items);
        return item && ((list) => (Array.isArray(list) ? coerceItems(list, item) : list));
      }
      case 'object':
        return coerceKeys(value.properties ?? {}, coercionOf);
      default:
        return undefined;
    }
  };
  return (route, release) => {
    if (typeof route.data === 'number') return coercionOf(route.data);
    const present = route.in ?? facts.releases;
    return coercionOf(
      route.data[release === undefined ? route.data.length - 1 : present.indexOf(release)] ?? -1,
    );
  };
}

/** What to do with one key: nothing when its value has the wanted type already, which it mostly has. */
interface KeyRule {
  readonly wanted: 'boolean' | 'number' | 'string' | undefined;
  readonly coercion: Coercion;
}

const WANTED: ReadonlyMap<Coercion, KeyRule['wanted']> = new Map([
  [toBoolean, 'boolean'],
  [toNumber, 'number'],
  [toText, 'string'],
]);

function coerceKeys(
  properties: Readonly<Record<string, number>>,
  coercionOf: (number: number) => Coercion | undefined,
): Coercion | undefined {
  const rules = new Map<string, KeyRule>();
  for (const [name, number] of Object.entries(properties)) {
    const coercion = coercionOf(number);
    if (coercion && !name.endsWith('[n]')) rules.set(name, { wanted: WANTED.get(coercion), coercion });
  }
  if (rules.size === 0) return undefined;
  // Answers mostly have the same keys in the same order, row by row and call by call: then no key has to be looked up.
  const lastNames: string[] = [];
  const lastRules: (KeyRule | undefined)[] = [];
  return (object) => {
    if (!isRecord(object)) return object;
    let position = 0;
    for (const name in object) {
      if (lastNames[position] !== name) {
        lastNames[position] = name;
        lastRules[position] = rules.get(name);
      }
      const rule = lastRules[position++];
      if (rule === undefined) continue;
      const value = object[name];
      if (value !== null && typeof value !== rule.wanted) object[name] = rule.coercion(value);
    }
    return object;
  };
}

function coerceItems(list: unknown[], item: Coercion): unknown[] {
  for (let index = 0; index < list.length; index++) list[index] = item(list[index]);
  return list;
}

/** The parsed answer is ours alone, so it is changed in place. */
function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function toBoolean(value: unknown): unknown {
  if (value === 1 || value === '1') return true;
  if (value === 0 || value === '0' || value === '') return false;
  return value;
}

function toNumber(value: unknown): unknown {
  if (typeof value !== 'string' || !/^-?\d+(\.\d+)?(e[+-]?\d+)?$/i.test(value)) return value;
  const number = Number(value);
  return Number.isInteger(number) && !Number.isSafeInteger(number) ? value : number;
}

function toText(value: unknown): unknown {
  return typeof value === 'number' || typeof value === 'boolean' ? String(value) : value;
}

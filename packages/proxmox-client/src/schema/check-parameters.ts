import type { RouteFacts, SchemaFacts, ValueFacts } from './schema-facts.js';

/**
 * Checks parameters as PVE's schema has them: missing, unknown, type, range, length, pattern, enumeration, `requires`.
 * Formats that PVE checks by code (addresses, property strings) are left to the server.
 * With several releases a value passes when one of them takes it.
 * @returns parameter name to what is wrong, in PVE's words; empty when nothing is
 */
export function checkParameters(
  facts: SchemaFacts,
  route: RouteFacts,
  parameters: Readonly<Record<string, unknown>>,
  release?: string,
): Record<string, string> {
  const errors: Record<string, string> = {};
  const known = route.parameters ?? {};
  for (const [name, value] of Object.entries(parameters)) {
    if (value === undefined) continue;
    const reference = known[name] ?? known[indexedName(facts, name) ?? ''];
    const candidates = valuesOf(facts, reference, release);
    if (candidates.length === 0) {
      errors[name] = 'property is not defined in schema and the schema does not allow additional properties';
      continue;
    }
    const problems = candidates.map((candidate) => problemWith(facts, candidate, value));
    const problem = problems.at(-1);
    if (problem !== undefined && problems.every((text) => text !== undefined)) errors[name] = problem;
    const required = candidates.at(-1)?.requires;
    if (required !== undefined && parameters[required] === undefined)
      errors[required] = `missing property required by '${name}'`;
  }
  for (const [name, reference] of Object.entries(known)) {
    if (parameters[name] !== undefined || name.endsWith('[n]')) continue;
    const candidates = valuesOf(facts, reference, release);
    const everywhere = release !== undefined || typeof reference === 'number' || !reference.includes(-1);
    if (everywhere && candidates.length > 0 && candidates.every((candidate) => !candidate.optional)) {
      errors[name] = 'property is missing and it is not optional';
    }
  }
  return errors;
}

/** `net0` → `net[n]`, when 0 is within the range of that key. */
function indexedName(facts: SchemaFacts, name: string): string | undefined {
  const [, stem, index] = /^([a-z]+)(0|[1-9]\d{0,2})$/.exec(name) ?? [];
  if (stem === undefined || Number(index) > (facts.indexes[stem] ?? -1)) return undefined;
  return `${stem}[n]`;
}

function valuesOf(
  facts: SchemaFacts,
  reference: number | readonly number[] | undefined,
  release: string | undefined,
): ValueFacts[] {
  if (reference === undefined) return [];
  const numbers =
    typeof reference === 'number'
      ? [reference]
      : release === undefined
        ? reference
        : [reference[facts.releases.indexOf(release)] ?? -1];
  return [...new Set(numbers)].flatMap((number) => facts.values[number] ?? []);
}

function problemWith(facts: SchemaFacts, schema: ValueFacts, value: unknown): string | undefined {
  switch (schema.type) {
    case 'boolean':
      return value === true || value === false || /^[01]$/.test(String(value))
        ? undefined
        : `type check ('boolean') failed - got '${show(value)}'`;
    case 'integer':
      if (!/^[+-]?\d+$/.test(String(value))) return `type check ('integer') failed - got '${show(value)}'`;
      return rangeProblem(schema, Number(value));
    case 'number':
      if (typeof value === 'boolean' || value === '' || !Number.isFinite(Number(value)))
        return `type check ('number') failed - got '${show(value)}'`;
      return rangeProblem(schema, Number(value));
    case 'array': {
      const item = schema.items === undefined ? undefined : facts.values[schema.items];
      const items: readonly unknown[] = Array.isArray(value) ? value : [value];
      return item === undefined
        ? undefined
        : items.map((one) => problemWith(facts, item, one)).find((text) => text !== undefined);
    }
    case 'object':
      return undefined;
    default:
      return textProblem(schema, value);
  }
}

function rangeProblem(schema: ValueFacts, value: number): string | undefined {
  if (schema.minimum !== undefined && value < schema.minimum)
    return `value must have a minimum value of ${schema.minimum}`;
  if (schema.maximum !== undefined && value > schema.maximum)
    return `value must have a maximum value of ${schema.maximum}`;
  return undefined;
}

function textProblem(schema: ValueFacts, value: unknown): string | undefined {
  if (Array.isArray(value)) {
    return schema.format?.endsWith('-list') || value.length === 1
      ? undefined
      : "type check ('string') failed - got ARRAY";
  }
  if (typeof value === 'object')
    return `type check ('string') failed - got ${value === null ? 'null' : 'HASH'}`;
  const text = String(value);
  if (schema.enum && !schema.enum.includes(text))
    return `value '${text}' does not have a value in the enumeration '${schema.enum.join(', ')}'`;
  if (schema.minLength !== undefined && text.length < schema.minLength)
    return `value must be at least ${schema.minLength} characters long`;
  if (schema.maxLength !== undefined && text.length > schema.maxLength)
    return `value may only be ${schema.maxLength} characters long`;
  if (schema.pattern !== undefined && !patternOf(schema.pattern).test(text))
    return 'value does not match the regex pattern';
  return undefined;
}

const patterns = new Map<string, RegExp>();

function patternOf(source: string): RegExp {
  const known = patterns.get(source) ?? new RegExp(`^(?:${source})$`);
  patterns.set(source, known);
  return known;
}

function show(value: unknown): string {
  return Array.isArray(value)
    ? 'ARRAY'
    : typeof value === 'object' && value !== null
      ? 'HASH'
      : String(value);
}

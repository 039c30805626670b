import type { RouteFacts, SchemaFacts, ValueFacts } from './schema-facts.js';

/** Parameter name to what is wrong, in PVE's words; undefined when nothing is. */
export type ParameterCheck = (
  parameters: Readonly<Record<string, unknown>>,
) => Record<string, string> | undefined;

/** What one parameter may be: a value passes when one of the releases takes it. */
type Candidates = readonly ValueFacts[];

/**
 * Makes the check of one route's parameters by PVE's schema: missing, unknown, type, range, length, pattern, enumeration, `requires`.
 * Formats that PVE checks by code (addresses, property strings) are left to the server.
 * Without a release a value passes when one of them takes it.
 */
export function createParameterCheck(
  facts: SchemaFacts,
  route: RouteFacts,
  release?: string,
): ParameterCheck {
  const known = new Map<string, Candidates>();
  const required: string[] = [];
  for (const [name, reference] of Object.entries(route.parameters ?? {})) {
    const candidates = valuesOf(facts, reference, release);
    if (candidates.length === 0) continue;
    known.set(name, candidates);
    const everywhere = release !== undefined || typeof reference === 'number' || !reference.includes(-1);
    if (everywhere && !name.endsWith('[n]') && candidates.every((candidate) => !candidate.optional))
      required.push(name);
  }
  return (parameters) => {
    let errors: Record<string, string> | undefined;
    for (const name of Object.keys(parameters)) {
      const value = parameters[name];
      if (value === undefined) continue;
      const candidates = known.get(name) ?? known.get(indexedName(facts, name));
      const problem = candidates
        ? problemWithAll(facts, candidates, value)
        : 'property is not defined in schema and the schema does not allow additional properties';
      if (problem !== undefined) errors = { ...errors, [name]: problem };
      const needed = candidates?.at(-1)?.requires;
      if (needed !== undefined && parameters[needed] === undefined)
        errors = { ...errors, [needed]: `missing property required by '${name}'` };
    }
    for (const name of required) {
      if (parameters[name] === undefined)
        errors = { ...errors, [name]: 'property is missing and it is not optional' };
    }
    return errors;
  };
}

/** `net0` → `net[n]`, when 0 is within the range of that key; else the name as it is. */
function indexedName(facts: SchemaFacts, name: string): string {
  const [, stem, index] = /^([a-z]+)(0|[1-9]\d{0,2})$/.exec(name) ?? [];
  return stem === undefined || Number(index) > (facts.indexes[stem] ?? -1) ? name : `${stem}[n]`;
}

function valuesOf(
  facts: SchemaFacts,
  reference: number | readonly number[],
  release: string | undefined,
): Candidates {
  const numbers =
    typeof reference === 'number'
      ? [reference]
      : release === undefined
        ? reference
        : [reference[facts.releases.indexOf(release)] ?? -1];
  return [...new Set(numbers)].flatMap((number) => facts.values[number] ?? []);
}

/** What the newest release says against a value that none takes. */
function problemWithAll(facts: SchemaFacts, candidates: Candidates, value: unknown): string | undefined {
  let problem: string | undefined;
  for (const candidate of candidates) {
    problem = problemWith(facts, candidate, value);
    if (problem === undefined) return undefined;
  }
  return problem;
}

function problemWith(facts: SchemaFacts, schema: ValueFacts, value: unknown): string | undefined {
  switch (schema.type) {
    case 'boolean':
      return value === true || value === false || /^[01]$/.test(String(value))
        ? undefined
        : `type check ('boolean') failed - got '${show(value)}'`;
    case 'integer':
      if (!Number.isSafeInteger(value) && !/^[+-]?\d+$/.test(String(value)))
        return `type check ('integer') failed - got '${show(value)}'`;
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

const compiled = new Map<string, RegExp>();

/** A Perl pattern of the schema, anchored at both ends, as a regular expression. Kept for the next use. */
export function perlPattern(pattern: string): RegExp {
  const known = compiled.get(pattern);
  if (known !== undefined) return known;
  const source = pattern.replace(/\(\?\^u?:/g, '(?:').replace(/\{,(\d+)\}/g, '{0,$1}');
  const insensitive = source.includes('(?^i:');
  const made = new RegExp(`^(?:${source.replace(/\(\?\^i:/g, '(?:')})$`, insensitive ? 'i' : '');
  compiled.set(pattern, made);
  return made;
}

/**
 * Tells whether a version is one that a config asks for: exact (`1.2.3`), a beginning (`1`, `1.2`, `1.x`),
 * `^1.2.3` (same major, not older; below 1.0.0 same minor) or `~1.2.3` (same minor, not older).
 * A wanted text of another form is met only by the same text.
 */
export function satisfiesVersion(version: string, wanted: string): boolean {
  if (version === wanted || wanted === '*') return true;
  const match = /^([\^~]?)v?(\d+)(?:\.(\d+|x|\*))?(?:\.(\d+|x|\*))?$/.exec(wanted);
  if (match === null) return false;
  const [, operator = '', ...rest] = match;
  const want = rest.filter((part) => part !== undefined && part !== 'x' && part !== '*').map(Number);
  const have = (version.split(/[-+]/)[0] ?? '').split('.').map(Number);
  if (operator === '') return want.length < 3 && want.every((part, index) => have[index] === part);
  const [major = 0, minor = 0] = want;
  const fixed = operator === '^' && major > 0 ? 1 : operator === '~' && want.length === 1 ? 1 : 2;
  if ([major, minor].slice(0, fixed).some((part, index) => have[index] !== part)) return false;
  for (const [index, part] of want.entries()) {
    if ((have[index] ?? 0) !== part) return (have[index] ?? 0) > part;
  }
  return true;
}

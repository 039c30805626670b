/** Replaces every secret in a text by `***`. */
export type Redact = (text: string) => string;

/**
 * Yields a function that replaces secrets by their value: whole, as JSON writes them, and line by line where they have
 * several lines. Values and lines shorter than three characters are left: they would make output unreadable.
 */
export function createRedact(secrets: Iterable<string>): Redact {
  const needles = new Set<string>();
  for (const secret of secrets) {
    for (const form of [secret, JSON.stringify(secret).slice(1, -1), ...secret.split(/\r?\n/)]) {
      if (form.trim().length >= 3) needles.add(form);
    }
  }
  const longestFirst = [...needles].sort((a, b) => b.length - a.length);
  return (text) => longestFirst.reduce((result, needle) => result.replaceAll(needle, '***'), text);
}

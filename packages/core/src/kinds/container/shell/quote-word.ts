/** A word that a POSIX shell takes exactly as it is; always in quotes, so that it is neither an assignment nor a keyword. */
export function quoteWord(word: string): string {
  return `'${word.replaceAll("'", `'\\''`)}'`;
}

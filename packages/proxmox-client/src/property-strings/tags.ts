/** The tags in a text, sorted and each once, as PVE keeps them. It takes commas, semicolons and blanks between them. */
export function parseTags(text: string): string[] {
  return [...new Set(text.split(/[,;\s\0]+/).filter(Boolean))].sort();
}

/** Prints tags as PVE does, with semicolons between. */
export function printTags(tags: readonly string[]): string {
  return parseTags(tags.join(';')).join(';');
}

/** Whether two texts hold the same tags; letter case does not count, since most clusters lower it. */
export function equalTags(a: string, b: string): boolean {
  return printTags([a.toLowerCase()]) === printTags([b.toLowerCase()]);
}

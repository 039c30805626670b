import { type ParsedSource, parseJson } from './parse-json.js';
import { parseYaml } from './parse-yaml.js';
import { createSourceText } from './source-text.js';

/**
 * Reads one file's text by its name: `.yaml` and `.yml` as YAML, everything else as JSON with comments. A file of
 * another name whose first sign is not `{` or `[` is taken for YAML.
 */
export function parseSource(file: string, text: string): ParsedSource {
  const source = createSourceText(file, text);
  if (/\.ya?ml$/i.test(file)) return parseYaml(source);
  if (/\.jsonc?$/i.test(file)) return parseJson(source);
  return /^\uFEFF?\s*(?:[{[]|\/[/*])/.test(text) ? parseJson(source) : parseYaml(source);
}

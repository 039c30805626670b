import { cpuModels } from '../api/nodes/capabilities.js';
import type { Definitions } from './definition.js';
import { FormatError } from './format-error.js';
import { namedPropertyStrings } from './named-property-strings.js';
import { parsePropertyString } from './property-string.js';
import { scalarFormats } from './scalar-formats.js';
import type { VerificationOptions } from './verify-parameters.js';

export { FormatError } from './format-error.js';

/**
 * Verifies a value against a format: the keys of a property string, or a name, perhaps with `-list` (every part of the list) or `-opt` (may be empty).
 * Formats that the lab does not know accept everything; docs/lab-differences.md names them.
 * @throws FormatError with PVE's text.
 */
export function checkFormat(
  format: string | Definitions,
  text: string,
  path: string,
  options: VerificationOptions,
): void {
  if (typeof format !== 'string') {
    parsePropertyString(format, text, path, options);
    return;
  }
  const named = namedPropertyStrings(format, options.release);
  if (named !== undefined) {
    parsePropertyString(named, text, path, options);
    if (format === 'pve-vm-cpu-conf') checkCpuModel(text, options.release);
    return;
  }
  const kind = /^(.*?)(?:-(list|opt))?$/.exec(format);
  const exact = scalarFormats[format];
  if (exact !== undefined) {
    exact(text);
    return;
  }
  const check = scalarFormats[kind?.[1] ?? ''];
  if (check === undefined) return;
  if (kind?.[2] === 'list') {
    for (const part of text.split(/[,;\0\s]+/)) if (part !== '') check(part);
  } else if (kind?.[2] !== 'opt' || text !== '') check(text);
}

/** A CPU model must be one that the release knows; custom ones (`custom-…`) are not emulated and accepted. */
function checkCpuModel(text: string, release: VerificationOptions['release']): void {
  const model = text
    .split(',')
    .map((part) => (part.includes('=') ? /^cputype=(.*)$/.exec(part)?.[1] : part))
    .find((name) => name !== undefined);
  if (model === undefined || model.startsWith('custom-')) return;
  if (!cpuModels(release).some(([name]) => name === model)) {
    throw new FormatError(`Built-in cputype '${model}' is not defined (missing 'custom-' prefix?)\n`);
  }
}

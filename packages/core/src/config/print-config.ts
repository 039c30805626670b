import { stringify } from 'yaml';
import type { JsonObject } from './model.js';

/** The text of a configuration file. Reading it gives the same declarations. */
export function printConfig(file: JsonObject, format: 'json' | 'yaml'): string {
  return format === 'yaml'
    ? stringify(file, { lineWidth: 0, aliasDuplicateObjects: false })
    : `${JSON.stringify(file, undefined, 2)}\n`;
}

import { existsSync } from 'node:fs';

/**
 * Yields the URL of a directory shipped in this package beside its compiled code: `guest/`, `packs/`, `template/`.
 * The sources lie one or two directories deep, the compiled files one: the first place that exists wins.
 */
export function packagedDirectory(name: 'guest' | 'packs' | 'template'): URL {
  for (const up of ['../', '../../']) {
    const url = new URL(`${up}${name}/`, import.meta.url);
    if (existsSync(url)) return url;
  }
  return new URL(`../${name}/`, import.meta.url);
}

const units: Readonly<Record<string, number>> = { '': 1, K: 2 ** 10, M: 2 ** 20, G: 2 ** 30, T: 2 ** 40 };

/** Bytes of a size such as `32G` or `1.5T`; no unit means bytes. Undefined when it is no size. */
export function parseSize(text: string): number | undefined {
  const match = /^(\d+(?:\.\d+)?)([KMGT])?(?:iB)?$/.exec(text);
  if (match === null) return undefined;
  return Math.floor(Number(match[1]) * (units[match[2] ?? ''] ?? 1));
}

/** The shortest exact form with one unit: `33554432` → `32M`, `53687296` → `52429K`. */
export function printSize(bytes: number): string {
  let value = Math.floor(bytes);
  let unit = '';
  for (const next of ['K', 'M', 'G', 'T']) {
    if (value % 1024 !== 0 || value === 0) break;
    value /= 1024;
    unit = next;
  }
  return `${value}${unit}`;
}

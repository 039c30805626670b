import type { Palette } from './palette.js';
import { padColumns, textWidth } from './text-width.js';

/** A table of columns that are as wide as needed; columns that are empty in every row are left out. Ends with a line break. */
export function renderTable(
  titles: readonly string[],
  rows: readonly (readonly string[])[],
  palette: Palette,
): string {
  const kept = titles.map((_, index) => rows.some((row) => (row[index] ?? '') !== ''));
  const all = [titles.map(palette.dim), ...rows].map((row) => row.filter((_, index) => kept[index] === true));
  const widths = (all[0] ?? []).map((_, index) => Math.max(...all.map((row) => textWidth(row[index] ?? ''))));
  return all
    .map(
      (row) =>
        `${row
          .map((cell, index) => padColumns(cell, widths[index] ?? 0))
          .join('  ')
          .trimEnd()}\n`,
    )
    .join('');
}

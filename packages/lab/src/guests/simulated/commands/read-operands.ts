import { FileError } from '../files/file-node.js';
import type { Process } from '../system/process.js';

/** The contents of files named on a command line (`-` or none: standard input), with complaints about those that cannot be read. */
export async function readOperands(
  process: Process,
  names: readonly string[],
): Promise<{ parts: { name: string; text: string }[]; failed: boolean }> {
  const parts: { name: string; text: string }[] = [];
  let failed = false;
  for (const name of names.length === 0 ? ['-'] : names) {
    if (name === '-' || name === '/dev/stdin') {
      parts.push({ name: '-', text: await process.input() });
      continue;
    }
    try {
      const path = process.path(name);
      process.machine.checkAccess(process, path, 'read');
      parts.push({ name, text: process.files.read(path) });
    } catch (error) {
      if (!(error instanceof FileError)) throw error;
      failed = true;
      await process.err(`${process.name}: ${name}: ${error.message}\n`);
    }
  }
  return { parts, failed };
}

/** Lines of a text; a missing newline at its end makes no difference. */
export function linesOf(text: string): string[] {
  if (text === '') return [];
  return (text.endsWith('\n') ? text.slice(0, -1) : text).split('\n');
}

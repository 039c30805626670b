import { execFileSync } from 'node:child_process';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { asciiArgv } from './ascii-argv.js';

describe('arguments beyond ASCII', () => {
  test('plain arguments are left alone', () => {
    const argv = ['echo', "it's", 'a\tb\n', '$HOME'];
    expect(asciiArgv(argv)).toBe(argv);
  });

  test('arrive byte for byte through a shell', () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: 'grapheme', maxLength: 12 }).filter((text) => !text.includes('\0')),
          { minLength: 1, maxLength: 4 },
        ),
        (extra) => {
          const wanted = ['ü$x\n', ...extra];
          const [program = '', ...rest] = asciiArgv([
            process.execPath,
            '-e',
            'process.stdout.write(JSON.stringify(process.argv.slice(1)))',
            '--',
            ...wanted,
          ]);
          expect([program, ...rest].join('')).toMatch(/^[\x20-\x7e\n\t]*$/);
          expect(JSON.parse(execFileSync(program, rest, { encoding: 'utf8' }))).toEqual(wanted);
        },
      ),
      { numRuns: 15 },
    );
  });
});

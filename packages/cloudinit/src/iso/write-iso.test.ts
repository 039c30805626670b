import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readIso } from '../../test/read-iso.js';
import { writeIso } from './write-iso.js';

const name = fc
  .oneof(
    fc.string({ unit: 'grapheme', minLength: 1, maxLength: 40 }),
    fc.stringMatching(/^[a-z]{1,12}(\.[a-z]{1,4})?$/),
  )
  .filter(
    (text) =>
      !/[/\0]/.test(text) &&
      text !== '.' &&
      text !== '..' &&
      Buffer.byteLength(text) <= 100 &&
      Buffer.from(text).toString() === text,
  );
const files = fc.uniqueArray(fc.record({ name, content: fc.uint8Array({ maxLength: 5000 }) }), {
  selector: (file) => file.name,
  maxLength: 60,
});

describe('writeIso', () => {
  test('keeps every file, byte for byte, under all three kinds of names', () => {
    fc.assert(
      fc.property(files, (given) => {
        const image = writeIso({ volumeId: 'cidata', files: given });
        const read = readIso(image);
        expect(read.volumeId).toBe('cidata');
        expect(read.jolietVolumeId).toBe('cidata');
        expect(image.length).toBe(read.totalSectors * 2048);
        const byName = new Map(given.map((file) => [file.name, file.content]));
        expect(read.rockRidge).toHaveLength(given.length);
        for (const entry of read.rockRidge)
          expect(Buffer.compare(entry.content, byName.get(entry.name) ?? Buffer.from('?'))).toBe(0);
        for (const list of [read.short, read.joliet]) {
          expect(new Set(list.map((entry) => entry.name.toUpperCase())).size).toBe(given.length);
          const sizes = (entries: readonly { content: Uint8Array }[]): number[] =>
            entries.map((entry) => entry.content.length).sort();
          expect(sizes(list)).toEqual(sizes(given));
        }
        for (const entry of read.short) expect(entry.name).toMatch(/^[A-Z0-9_]{1,8}\.[A-Z0-9_]{0,3}$/);
      }),
      { numRuns: 200 },
    );
  });

  test('gives the same bytes for the same files', () => {
    fc.assert(
      fc.property(files, (given) => {
        expect(
          Buffer.compare(
            writeIso({ volumeId: 'x', files: given }),
            writeIso({ volumeId: 'x', files: given }),
          ),
        ).toBe(0);
      }),
      { numRuns: 20 },
    );
  });

  test.each(['', 'a/b', '.', '..', 'x'.repeat(101), 'a\0b'])('refuses the name %j', (bad) => {
    expect(() => writeIso({ volumeId: 'x', files: [{ name: bad, content: new Uint8Array(0) }] })).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_ISO' }),
    );
  });

  test('refuses a name that stands twice', () => {
    const file = { name: 'user-data', content: new Uint8Array(0) };
    expect(() => writeIso({ volumeId: 'x', files: [file, file] })).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_ISO' }),
    );
  });

  test.runIf(spawnSync('xorriso', ['-version']).status === 0)(
    'is read by xorriso without a complaint',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'iso-'));
      try {
        const given = Array.from({ length: 40 }, (_, index) => ({
          name: index === 0 ? 'Größe 漢字.txt' : `a rather long name of file number ${index}`,
          content: Uint8Array.from({ length: index * 300 }, (__, at) => (at * 7 + index) % 256),
        }));
        writeFileSync(join(directory, 'x.iso'), writeIso({ volumeId: 'cidata', files: given }));
        const output = execFileSync(
          'xorriso',
          ['-osirrox', 'on', '-indev', 'x.iso', '-extract', '/', 'out'],
          { cwd: directory, stdio: 'pipe' },
        );
        expect(String(output)).not.toMatch(/FAILURE|SORRY|WARNING/);
        for (const file of given)
          expect(Buffer.compare(readFileSync(join(directory, 'out', file.name)), file.content)).toBe(0);
        execFileSync('chmod', ['-R', 'u+w', directory]);
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );

  test.runIf(spawnSync('isoinfo', ['-version']).status === 0)(
    'shows Joliet and Rock Ridge to isoinfo',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'iso-'));
      try {
        const path = join(directory, 'x.iso');
        writeFileSync(
          path,
          writeIso({
            volumeId: 'cidata',
            files: [{ name: 'network-config', content: Buffer.from('version: 2\n') }],
          }),
        );
        expect(execFileSync('isoinfo', ['-d', '-i', path], { encoding: 'utf8' })).toMatch(
          /Volume id: cidata[\s\S]*Joliet with UCS level 3 found[\s\S]*Rock Ridge signatures version 1 found/,
        );
        expect(execFileSync('isoinfo', ['-R', '-f', '-i', path], { encoding: 'utf8' }).trim()).toBe(
          '/network-config',
        );
        expect(
          execFileSync('isoinfo', ['-J', '-x', '/network-config;1', '-i', path], { encoding: 'utf8' }),
        ).toBe('version: 2\n');
      } finally {
        rmSync(directory, { recursive: true, force: true });
      }
    },
  );
});

import { describe, expect, it } from 'vitest';
import { detectImageFormat } from './detect-image-format.js';

const bytes = (...start: readonly number[]) =>
  Uint8Array.from({ length: 512 }, (_, index) => start[index] ?? 0);

describe('detectImageFormat', () => {
  it('tells formats by their first bytes', () => {
    expect(detectImageFormat(bytes(0x51, 0x46, 0x49, 0xfb))).toEqual({ kind: 'disk', format: 'qcow2' });
    expect(detectImageFormat(bytes(0x4b, 0x44, 0x4d, 0x56))).toEqual({ kind: 'disk', format: 'vmdk' });
    expect(detectImageFormat(bytes(0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00))).toEqual({
      kind: 'compressed',
      by: 'xz',
    });
    expect(detectImageFormat(bytes(0x1f, 0x8b))).toEqual({ kind: 'compressed', by: 'gzip' });
  });

  it('takes a boot sector for a raw disk', () => {
    const sector = bytes(0xeb, 0x63);
    sector.set([0x55, 0xaa], 510);
    expect(detectImageFormat(sector)).toEqual({ kind: 'disk', format: 'raw' });
  });

  it('refuses the page that a mirror shows instead of a file', () => {
    expect(detectImageFormat(new TextEncoder().encode('<!DOCTYPE html><title>404</title>'))).toEqual({
      kind: 'not-an-image',
      title: 'a web page',
    });
    expect(detectImageFormat(new Uint8Array())).toEqual({ kind: 'not-an-image', title: 'an empty file' });
  });
});

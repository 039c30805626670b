import { PHOENIX_ERROR_CODES } from '@phoenix/core';
import { FEATURES_ERROR_CODES } from '@phoenix/features';
import { PROXMOX_ERROR_CODES } from '@phoenix/proxmox-client';
import { describe, expect, it } from 'vitest';
import { CliError } from './cli-error.js';
import { exitCodeOf, KNOWN_CODES } from './exit-code-of.js';

describe('exitCodeOf', () => {
  it.each([
    [errorWith('PVE_AUTH'), 'denied'],
    [errorWith('PHOENIX_CONFIG'), 'config'],
    [errorWith('PVE_TASK_FAILED'), 'failed'],
    [errorWith('ENOENT'), 'bug'],
    [new TypeError('x is not a function'), 'bug'],
    ['thrown', 'bug'],
    [new CliError({ code: 'CLI_CONFIRM', exit: 'refused', message: '' }), 'refused'],
  ])('%s → %s', (error, name) => expect(exitCodeOf(error)).toBe(name));

  it('names only codes that exist', () => {
    const codes = new Set<string>([
      ...Object.keys(PHOENIX_ERROR_CODES),
      ...Object.keys(FEATURES_ERROR_CODES),
      ...PROXMOX_ERROR_CODES.map(({ code }) => code),
    ]);
    expect(KNOWN_CODES.filter((code) => !codes.has(code))).toEqual([]);
  });
});

function errorWith(code: string): Error {
  return Object.assign(new Error('x'), { code });
}

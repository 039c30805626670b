import { describe, expect, it } from 'vitest';
import { readConsoleLines } from './watch-console.js';

describe('the lines of a console', () => {
  it('are free of colours, cursor movements, overwritten text and empty lines', () => {
    expect(
      readConsoleLines(
        '\u001bc\u001b[?7l\u001b[2J\u001b[0mSeaBIOS (version 1.16)\r\n\r\n[\u001b[0;1;31mFAILED\u001b[0m] Failed to start \u001b[0;1;39mssh.service\u001b[0m.\r\n10 %\r100 %\r\n\u001b]0;title\u0007größe login: ',
      ),
    ).toEqual(['SeaBIOS (version 1.16)', '[FAILED] Failed to start ssh.service.', '100 %', 'größe login:']);
  });

  it('leave out what the node announces, and the tables and pictures that cloud-init draws on every first boot', () => {
    expect(
      readConsoleLines(
        [
          'starting serial terminal on interface serial0',
          '[  118.1] cloud-init[209]: ci-info: | Route | Destination | Gateway |',
          '[  133.8] cloud-init[209]: The key fingerprint is:',
          "[  133.8] cloud-init[209]: The key's randomart image is:",
          '[  133.8] cloud-init[209]: +--[ED25519 256]--+',
          '[  133.8] cloud-init[209]: |   .+BB.. o..    |',
          '[  134.0] cloud-init[209]: +----[SHA256]-----+',
          '[  140.2] cloud-init[273]: E: Unable to locate package qemu-guest-agent',
          'guest-agent: attempt 1 failed',
        ].join('\r\n'),
      ),
    ).toEqual([
      '[  133.8] cloud-init[209]: The key fingerprint is:',
      '[  140.2] cloud-init[273]: E: Unable to locate package qemu-guest-agent',
      'guest-agent: attempt 1 failed',
    ]);
  });
});

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
});

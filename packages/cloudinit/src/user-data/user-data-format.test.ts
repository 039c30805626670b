import { describe, expect, test } from 'vitest';
import { detectUserData } from './user-data-format.js';

describe('detectUserData', () => {
  test('moves comment lines that stand before the header behind it', () => {
    const text = '# File: user-data.template.yml\n# Purpose: first boot\n\n#cloud-config\nhostname: a\n';
    expect(detectUserData(text)).toEqual({
      format: 'cloud-config',
      text: '#cloud-config\n# File: user-data.template.yml\n# Purpose: first boot\n\nhostname: a\n',
      headerMoved: true,
      headerMissing: false,
    });
  });

  test('leaves a text whose header is first as it is', () => {
    expect(detectUserData('#cloud-config\na: 1\n')).toMatchObject({
      text: '#cloud-config\na: 1\n',
      headerMoved: false,
    });
  });

  test('reads files with a byte order mark and line ends of Windows', () => {
    expect(detectUserData('\uFEFF#cloud-config\r\na: 1\r\n')).toMatchObject({
      format: 'cloud-config',
      text: '#cloud-config\na: 1\n',
      headerMoved: false,
    });
  });

  test('puts a header before settings that have none', () => {
    expect(detectUserData('hostname: a\n')).toMatchObject({
      text: '#cloud-config\nhostname: a\n',
      headerMissing: true,
    });
  });

  test('does not take a header for one that stands behind settings', () => {
    expect(detectUserData('a: 1\n#cloud-config\n')).toMatchObject({ headerMissing: true });
  });

  test.each([
    '#!/bin/sh\n',
    '## template: jinja\n#cloud-config\na: {{ v1.x }}\n',
    '#cloud-config-archive\n- a\n',
    '#include\nhttp://x\n',
    'Content-Type: multipart/mixed; boundary="x"\n',
  ])('hands on %j', (text) => {
    expect(detectUserData(text)).toMatchObject({ format: 'other', text });
  });
});

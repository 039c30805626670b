import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderSeed } from '../src/index.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/cloud-init.md'), 'utf8');
const [, text = ''] = /^```yaml\n(#cloud-config\n[\s\S]*?)^```$/m.exec(page) ?? [];

test('the template of docs/cloud-init.md renders as the page says', () => {
  const sshKeys = ['ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6 me'];
  const seed = renderSeed({
    name: 'vm',
    user: { username: 'ops', sshKeys },
    userDataTemplate: { path: 'page', text },
  });
  expect(seed.notices).toEqual([]);
  expect(parse(seed.userData)).toMatchObject({
    hostname: 'vm',
    users: [{ name: 'ops', ssh_authorized_keys: sshKeys }],
    write_files: [{ content: `vm is looked after by ops.\nKey 0: ${sshKeys[0]}\n` }, {}],
  });
});

test('every variable of docs/cloud-init.md is known', () => {
  const names = [...page.matchAll(/^\| `(\w+)` \|/gm)].map(([, name]) => name);
  expect(names.length).toBeGreaterThan(5);
  const template = `#cloud-config\nx: "${names.map((name) => `{{${name}}}`).join(' ')}"\n`;
  expect(() =>
    renderSeed({ name: 'vm', user: { username: 'ops' }, userDataTemplate: { path: 'page', text: template } }),
  ).not.toThrow();
});

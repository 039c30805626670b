import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { readIso } from '../test/read-iso.js';
import { renderSeed } from './render-seed.js';
import type { SeedInput } from './seed.js';
import { seedDigest } from './seed-digest.js';
import { GUEST_AGENT_SCRIPT_PATH } from './user-data/guest-agent-script.js';
import { writeNoCloudIso } from './write-nocloud-iso.js';

const key =
  'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIKtHdE2ui6tyYtjmKuVvRUaWHdCZbJEHqIDGbfBRbUnx phoenix@example.org';
const input: SeedInput = {
  name: 'docker-vm-01',
  user: {
    username: 'phoenix_user',
    comment: 'Zoë "Z" 漢字',
    sshKeys: [key],
    groups: ['docker'],
    password: 'open sesame',
  },
  networks: [{ mac: '52:54:00:aa:bb:01', ipv4: { kind: 'dhcp' }, searchDomains: ['example.org'] }],
};
const config = (seed: { readonly userData: string }) => parse(seed.userData, { version: '1.1' });

describe('renderSeed', () => {
  test('makes the user, the names and the guest agent', () => {
    const seed = renderSeed(input);
    expect(seed.userData.startsWith('#cloud-config\n')).toBe(true);
    expect(config(seed)).toMatchObject({
      hostname: 'docker-vm-01',
      fqdn: 'docker-vm-01.example.org',
      users: [
        {
          name: 'phoenix_user',
          gecos: 'Zoë "Z" 漢字',
          groups: ['docker'],
          sudo: 'ALL=(ALL) NOPASSWD:ALL',
          shell: '/bin/bash',
          lock_passwd: false,
          hashed_passwd: expect.stringMatching(/^\$6\$/),
          ssh_authorized_keys: [key],
        },
      ],
      write_files: [
        {
          path: GUEST_AGENT_SCRIPT_PATH,
          permissions: '0755',
          content: expect.stringContaining('systemctl start --no-block'),
        },
      ],
    });
    expect(parse(seed.metaData)).toEqual({
      'instance-id': seed.instanceId,
      'local-hostname': 'docker-vm-01',
    });
    expect(seed.notices).toEqual([]);
  });

  test('never writes a password in the clear', () => {
    const seed = renderSeed(input);
    expect(JSON.stringify(seed)).not.toContain('open sesame');
    expect(
      config(renderSeed({ ...input, user: { username: 'a', password: '$6$abc$def' } })).users[0]
        .hashed_passwd,
    ).toBe('$6$abc$def');
  });

  test('locks the password of a user without one, and lets root in where root is the user', () => {
    expect(config(renderSeed({ name: 'a', user: { username: 'a' } })).users[0]).toMatchObject({
      lock_passwd: true,
    });
    const root = config(renderSeed({ name: 'a', user: { username: 'root', sshKeys: [key] } }));
    expect(root).toMatchObject({ disable_root: false, users: [{ name: 'root' }] });
    expect(root.users[0]).not.toHaveProperty('sudo');
  });

  test('takes the first label of a full name for the host name', () => {
    expect(config(renderSeed({ name: 'a.b.example' }))).toMatchObject({ hostname: 'a', fqdn: 'a.b.example' });
  });

  test('is the same for the same input, and its digest and instance-id change with any content', () => {
    expect(renderSeed(input)).toEqual(renderSeed(input));
    const other = renderSeed({ ...input, name: 'docker-vm-02' });
    expect(seedDigest(other)).not.toBe(seedDigest(renderSeed(input)));
    expect(other.instanceId).not.toBe(renderSeed(input).instanceId);
    expect(renderSeed({ ...input, instanceId: 'mine' }).instanceId).toBe('mine');
  });

  test('reads a template of the first users: comments before the header, old placeholders, an empty list', () => {
    const text = [
      '# File: user-data.template.yml',
      '# Placeholders: __HOSTNAME__ and __USERNAME__',
      '#cloud-config',
      'hostname: __HOSTNAME__',
      'users:',
      '  - name: __USERNAME__',
      '    passwd: "$6$rounds=4096$abc$def"',
      'write_files:',
      '#FEATURE_FILES_PLACEHOLDER#',
      'packages:',
      '  - qemu-guest-agent',
      'runcmd:',
      '  - systemctl enable --now qemu-guest-agent',
      '',
    ].join('\n');
    const seed = renderSeed({
      name: 'vm',
      user: { username: 'phoenix_user' },
      userDataTemplate: { path: 'user-data.template.yml', text },
    });
    expect(seed.userData.split('\n')[0]).toBe('#cloud-config');
    expect(config(seed)).toMatchObject({
      hostname: 'vm',
      users: [{ name: 'phoenix_user', passwd: '$6$rounds=4096$abc$def' }],
      write_files: [{ path: GUEST_AGENT_SCRIPT_PATH }],
      packages: ['qemu-guest-agent'],
    });
    expect(seed.notices.map((notice) => notice.message)).toEqual([
      'Lines before #cloud-config in user-data.template.yml were moved behind it.',
    ]);
  });

  test('lets no value change the structure of a template, wherever it is put', () => {
    const templates = [
      'a: {{name}}',
      'a: "{{name}}"',
      "a: '{{name}}'",
      'a: |\n  {{name}}',
      'a:\n  - {{name}}',
      'a: [ {{name}} ]',
      '# {{name}}\na: x',
    ];
    fc.assert(
      fc.property(
        fc.constantFrom(...templates),
        fc.string({ unit: 'grapheme' }).filter((text) => text.trim() === text && text !== ''),
        (text, value) => {
          const seed = renderSeed({
            name: 'x',
            guestAgent: false,
            variables: { name: value },
            userDataTemplate: { path: 't', text: `#cloud-config\n${text}\n` },
          });
          const found = config(seed);
          expect(Object.keys(found)).toEqual(['a']);
          const inner = Array.isArray(found.a) ? found.a[0] : found.a;
          if (!text.startsWith('#')) expect(String(inner).replace(/\n$/, '')).toBe(value);
        },
      ),
      { numRuns: 500 },
    );
  });

  test('keeps any text in names, comments and variables through to the medium', () => {
    fc.assert(
      fc.property(
        fc.string({ unit: 'grapheme', minLength: 1 }),
        fc.string({ unit: 'grapheme' }),
        (comment, content) => {
          const seed = renderSeed({
            ...input,
            user: { username: 'a', comment },
            cloudConfigs: [{ source: 'feature x', config: { write_files: [{ path: '/x', content }] } }],
          });
          const medium = readIso(writeNoCloudIso(seed)).rockRidge.find((file) => file.name === 'user-data');
          const read = parse(new TextDecoder().decode(medium?.content), { version: '1.1' });
          expect(read.users[0].gecos).toBe(comment);
          expect(read.write_files[0].content).toBe(content);
        },
      ),
      { numRuns: 200 },
    );
  });

  test('says where a template renders to something that is no YAML', () => {
    const text = '#cloud-config\na: [1\nb: 2\n';
    expect(() => renderSeed({ name: 'x', userDataTemplate: { path: 't.yml', text } })).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_YAML', file: 't.yml', line: 3 }),
    );
    expect(() =>
      renderSeed({ name: 'x', userDataTemplate: { path: 't.yml', text: '#cloud-config\n- a\n' } }),
    ).toThrow(expect.objectContaining({ code: 'CLOUDINIT_YAML' }));
  });

  test('refuses what cloud-init would not accept, and doubts what it does not know', () => {
    const render = (text: string) =>
      renderSeed({ name: 'x', userDataTemplate: { path: 't.yml', text: `#cloud-config\n${text}\n` } });
    expect(() => render('runcmd: echo')).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_INVALID', message: expect.stringContaining('runcmd') }),
    );
    expect(() => render('write_files: [{ path: a }]')).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_INVALID' }),
    );
    expect(render('runcmds: [a]').notices[0]?.message).toContain('"runcmds"');
    expect(render('locale: __LOCALE__').notices[0]?.message).toContain('__LOCALE__');
  });

  test('says when a template leaves out the user or a key', () => {
    const seed = renderSeed({
      ...input,
      userDataTemplate: { path: 't.yml', text: '#cloud-config\ntimezone: UTC\n' },
    });
    expect(seed.notices.map((notice) => notice.message)).toEqual([
      't.yml leaves out 1 of the SSH keys of phoenix_user.',
      't.yml does not make the user phoenix_user.',
    ]);
  });

  test('joins a script with its own settings in one archive', () => {
    const seed = renderSeed({
      name: 'vm',
      userDataTemplate: { path: 't.sh', text: '#!/bin/sh\necho {{hostname}}\n' },
    });
    expect(seed.userData).toMatch(/^Content-Type: multipart\/mixed; boundary="/);
    const parts = [
      ...seed.userData.matchAll(
        /Content-Type: (text\/[a-z-]+);[^\n]*\n[^\n]*\n[^\n]*\n\n([A-Za-z0-9+/=\n]+)--/g,
      ),
    ].map(([, type, body]) => [type, Buffer.from(body ?? '', 'base64').toString('utf8')]);
    expect(parts).toEqual([
      ['text/x-shellscript', '#!/bin/sh\necho vm\n'],
      ['text/cloud-config', expect.stringContaining(GUEST_AGENT_SCRIPT_PATH)],
    ]);
  });

  test('hands on texts with braces of their own', () => {
    const text = '## template: jinja\n#cloud-config\nhostname: {{ v1.local_hostname }}\n';
    expect(
      renderSeed({ name: 'vm', guestAgent: false, userDataTemplate: { path: 't', text } }).userData,
    ).toBe(text);
  });

  test('refuses a seed that is too large', () => {
    const config = { write_files: [{ path: '/big', content: 'x'.repeat(1_100_000) }] };
    expect(() => renderSeed({ name: 'x', cloudConfigs: [{ source: 'feature big', config }] })).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_TOO_LARGE' }),
    );
  });
});

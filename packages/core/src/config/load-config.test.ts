import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { loadConfig } from './load-config.js';

let directory = '';
const write = (name: string, content: string | Uint8Array): string => {
  const path = join(directory, name);
  writeFileSync(path, content);
  return path;
};

beforeAll(() => {
  directory = mkdtempSync(join(tmpdir(), 'config-'));
});
afterAll(() => rmSync(directory, { recursive: true, force: true }));

describe('loadConfig', () => {
  test('reads several files as one configuration, with the template beside them', async () => {
    const machines = write(
      'vms.json',
      '{"vms":[{"vmid":100,"name":"a","user_data_template":"t.yml"}],"feature_directories":["scripts"],"feature_packs":["@acme/x","./packs/y.js"]}',
    );
    const containers = write('cts.yaml', 'lxc_configs:\n  101: { name: b }\n');
    write('t.yml', '#cloud-config\n');
    const config = await loadConfig([machines, containers], { environment: {} });
    expect(config).toMatchObject({
      guests: [{ kind: 'machine', userDataTemplate: { text: '#cloud-config\n' } }, { kind: 'container' }],
      directory,
      files: [machines, containers],
      featureDirectories: [join(directory, 'scripts')],
      featurePacks: ['@acme/x', join(directory, 'packs/y.js')],
    });
  });

  test('takes the image mirror from the environment', async () => {
    const file = write('m.json', '{"vms":[{"vmid":100,"name":"a","template_image":"noble"}]}');
    const { guests } = await loadConfig(file, { environment: { PHOENIX_IMAGE_MIRROR: 'http://m/images/' } });
    expect(guests[0]?.image).toMatchObject({
      image: { url: 'http://m/images/noble-server-cloudimg-amd64.img' },
    });
  });

  test('says which file is missing, a directory, or of another encoding', async () => {
    await expect(loadConfig(join(directory, 'none.json'))).rejects.toMatchObject({
      code: 'PHOENIX_CONFIG_NOT_FOUND',
      message: expect.stringContaining('none.json'),
    });
    mkdirSync(join(directory, 'dir.json'));
    await expect(loadConfig(join(directory, 'dir.json'))).rejects.toMatchObject({
      code: 'PHOENIX_CONFIG_UNREADABLE',
      message: expect.stringContaining('directory'),
    });
    await expect(loadConfig(write('u.json', Buffer.from('\uFEFF{}', 'utf16le')))).rejects.toMatchObject({
      message: expect.stringContaining('UTF-16'),
    });
    await expect(loadConfig(write('l.json', Buffer.from('{"a":"\xe9"}', 'latin1')))).rejects.toMatchObject({
      message: expect.stringContaining('not UTF-8'),
    });
  });
});

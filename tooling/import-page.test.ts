import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { createProxmoxClient, requireTaskOk, waitForTask } from '../packages/proxmox-client/dist/index.js';
import { phoenix, startLab } from './phoenix.mjs';
import { root } from './workspace.mjs';

const page = readFileSync(join(root, 'docs/import.md'), 'utf8');
const blocks = [...page.matchAll(/^```(sh|json)(?: expect=(\S+))?\n([\s\S]*?)^```$/gm)];

let folder: string;
let lab: Awaited<ReturnType<typeof startLab>>;

/** A lab with the machine of the page, as somebody else makes it. */
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'phoenix-import-page-'));
  lab = await startLab(join(folder, 'lab'));
  const { PHOENIX_PVE_URL = '', PHOENIX_PVE_TOKEN = '', PHOENIX_PVE_FINGERPRINT = '' } = lab.env;
  const client = createProxmoxClient({
    url: PHOENIX_PVE_URL,
    token: PHOENIX_PVE_TOKEN,
    fingerprint: PHOENIX_PVE_FINGERPRINT,
  });
  const upid = await client.request('POST /nodes/{node}/qemu', {
    node: 'pve',
    vmid: 150,
    name: 'shop',
    tags: 'web',
    cores: 2,
    memory: '1024',
    ostype: 'l26',
    scsi0: 'quickOS-vm-disks:4',
    boot: 'order=scsi0',
    net0: 'virtio=BC:24:11:00:01:50,bridge=vmbr0,tag=7',
    ciuser: 'admin',
    cipassword: 'hunter22',
    ipconfig0: 'ip=10.0.7.5/24,gw=10.0.7.1',
  });
  requireTaskOk(await waitForTask(client, upid, {}));
  await client.close();
}, 120_000);

afterAll(async () => {
  await lab.stop();
  rmSync(folder, { recursive: true, force: true });
});

it('what docs/import.md shows is what happens', async () => {
  const env = { ...lab.env, XDG_STATE_HOME: join(folder, 'state'), PHOENIX_PASSWORD_150: 'hunter22' };
  let output = '';
  expect(blocks.length).toBeGreaterThan(2);
  for (const [, language, file, text = ''] of blocks) {
    if (language === 'json')
      expect(JSON.parse(readFileSync(join(folder, file ?? ''), 'utf8'))).toEqual(JSON.parse(text));
    else
      for (const line of text.trim().split('\n')) {
        const { status, stdout, stderr } = await phoenix(line.split(' ').slice(1), { env, cwd: folder });
        expect(status, `${line}\n${stdout}${stderr}`).toBe(0);
        output = stdout;
      }
  }
  expect(output).toContain('No changes');
}, 120_000);

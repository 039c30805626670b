import { createHash } from 'node:crypto';
import { Agent, request as send } from 'undici';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../src/index.js';
import { type Call, callerOf, finish } from './support/request.js';

let lab: Lab;
let call: Call;
const agent = new Agent({ connect: { rejectUnauthorized: false } });
const iso = Buffer.alloc(65_536, 7);
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

beforeAll(async () => {
  lab = await startLab();
  call = callerOf(lab);
});
afterAll(() => lab.close());

async function upload(
  fields: Readonly<Record<string, string>>,
  filename: string,
  bytes: Uint8Array,
  storage = 'local',
) {
  const boundary = 'x-lab-boundary';
  const parts = Object.entries(fields).map(
    ([name, value]) => `--${boundary}\r\nContent-Disposition: form-data; name="${name}"\r\n\r\n${value}\r\n`,
  );
  const head = `${parts.join('')}--${boundary}\r\nContent-Disposition: form-data; name="filename"; filename="${filename}"\r\nContent-Type: application/octet-stream\r\n\r\n`;
  const body = Buffer.concat([Buffer.from(head), bytes, Buffer.from(`\r\n--${boundary}--\r\n`)]);
  const response = await send(`${lab.url}/api2/json/nodes/pve/storage/${storage}/upload`, {
    dispatcher: agent,
    method: 'POST',
    headers: {
      authorization: `PVEAPIToken=${lab.token}`,
      'content-type': `multipart/form-data; boundary=${boundary}`,
    },
    body,
  });
  const answer = (await response.body.json()) as { data: string | null; errors?: Record<string, string> };
  return { status: response.statusCode, reason: response.statusText, ...answer };
}

test('an upload arrives byte for byte, is listed, and can be deleted', async () => {
  const bytes = Buffer.from(Array.from({ length: 300_000 }, (_, index) => (index * 7) % 256));
  const { data } = await upload({ content: 'iso' }, 'we ird+na(me).iso', bytes);
  expect(await finish(lab, data)).toMatchObject({ status: 'OK' });
  const volid = 'local:iso/we_ird_na_me_.iso';
  expect(Buffer.from(await lab.inside.storages.readFile('pve', volid)).equals(bytes)).toBe(true);
  const listed = await call('GET', '/nodes/pve/storage/local/content', { content: 'iso' });
  expect(listed.body.data).toMatchObject([{ volid, size: bytes.length, format: 'iso', content: 'iso' }]);
  const removed = await call('DELETE', `/nodes/pve/storage/local/content/${encodeURIComponent(volid)}`);
  expect(await finish(lab, removed.body.data)).toMatchObject({
    status: 'OK',
    log: [`Removed volume '${volid}'`, 'TASK OK'],
  });
  expect((await call('GET', '/nodes/pve/storage/local/content', { content: 'iso' })).body.data).toEqual([]);
});

test.each<[Record<string, string>, string, string, number, string, Record<string, string> | undefined]>([
  [
    { content: 'iso' },
    'a.txt',
    'local',
    400,
    'Parameter verification failed.',
    { filename: 'wrong file extension' },
  ],
  [
    { content: 'import' },
    'a.img',
    'local',
    400,
    'Parameter verification failed.',
    { filename: 'invalid filename or wrong extension' },
  ],
  [
    { content: 'snippets' },
    'a.yaml',
    'local',
    400,
    'Parameter verification failed.',
    { content: "value 'snippets' does not have a value in the enumeration 'iso, vztmpl, import'" },
  ],
  [{ content: 'iso' }, 'a.iso', 'nosuch', 500, "storage 'nosuch' does not exist", undefined],
  [
    { content: 'iso' },
    'a.iso',
    'quickOS-vm-disks',
    500,
    "storage 'quickOS-vm-disks' does not support 'iso' content",
    undefined,
  ],
])('upload of %o as %s to %s answers %i %s', async (fields, filename, storage, status, reason, errors) => {
  const answer = await upload(fields, filename, iso, storage);
  expect(answer).toMatchObject({ status, reason });
  expect(answer.errors).toEqual(errors);
});

test('a wrong checksum fails the task and leaves nothing', async () => {
  const wrong = '0'.repeat(64);
  const { data } = await upload(
    { content: 'iso', 'checksum-algorithm': 'sha256', checksum: wrong },
    'bad.iso',
    iso,
  );
  expect((await finish(lab, data)).status).toBe(
    `checksum mismatch: got '${sha256(iso)}' != expect '${wrong}'`,
  );
  expect(lab.inside.storages.volume('pve', 'local:iso/bad.iso')).toBeUndefined();
});

test('a file that is not what its name says is refused', async () => {
  const { data } = await upload({ content: 'import' }, 'fake.qcow2', iso);
  expect((await finish(lab, data)).status).toMatch(
    /^qemu-img: Could not open '\/var\/tmp\/pveupload-[0-9a-f]{32}': Image is not in qcow2 format$/,
  );
});

test('a cloud image comes from the mirror with its checksum, and again without a download', async () => {
  const name = 'noble-server-cloudimg-amd64.img';
  const sums = await (await send(`${lab.imageMirror}SHA256SUMS`)).body.text();
  const checksum =
    sums
      .split('\n')
      .find((line) => line.endsWith(`*${name}`))
      ?.split(' ')[0] ?? '';
  const params = {
    url: `${lab.imageMirror}${name}`,
    content: 'import',
    filename: 'noble.qcow2',
    checksum,
    'checksum-algorithm': 'sha256',
  };
  const path = '/nodes/pve/storage/local/download-url';
  expect(await finish(lab, (await call('POST', path, params)).body.data)).toMatchObject({ status: 'OK' });
  const again = await finish(lab, (await call('POST', path, params)).body.data);
  expect(again.log).toContain(
    'calculating checksum of existing file...OK, got correct file already, no need to download',
  );
  const { checksum: _, 'checksum-algorithm': __, ...bare } = params;
  const refused = await finish(lab, (await call('POST', path, bare)).body.data);
  expect(refused.status).toBe("refusing to override existing file '/var/lib/vz/import/noble.qcow2'");
  const facts = await call(
    'GET',
    `/nodes/pve/storage/local/content/${encodeURIComponent('local:import/noble.qcow2')}`,
  );
  expect(facts.body.data).toMatchObject({ format: 'qcow2', size: 3_758_096_384, used: 262_144 });
});

test.each<[Record<string, unknown>, string, Record<string, string>]>([
  [{ url: 'ftp://x/y.iso' }, 'url', { url: 'value does not match the regex pattern' }],
  [{ filename: 'a.txt' }, 'filename', { filename: 'wrong file extension' }],
  [{ checksum: 'aa' }, 'checksum', { 'checksum-algorithm': "missing property required by 'checksum'" }],
])('download-url with %o is refused for its %s', async (params, _, errors) => {
  const all = { url: 'http://127.0.0.1:1/x.iso', content: 'iso', filename: 'x.iso', ...params };
  expect((await call('POST', '/nodes/pve/storage/local/download-url', all)).body.errors).toEqual(errors);
});

test('a storage can be added, changed and removed', async () => {
  const params = { storage: 'more', type: 'dir', path: '/mnt/more', content: 'images,iso' };
  expect((await call('POST', '/storage', params)).body.data).toEqual({ storage: 'more', type: 'dir' });
  expect(await call('POST', '/storage', params)).toMatchObject({
    status: 500,
    reason: "create storage failed: storage ID 'more' already defined",
  });
  await call('PUT', '/storage/more', { content: 'iso' });
  expect((await call('GET', '/storage/more')).body.data).toMatchObject({ content: 'iso', path: '/mnt/more' });
  expect((await call('DELETE', '/storage/more')).status).toBe(200);
  expect((await call('GET', '/storage/more')).reason).toBe("storage 'more' does not exist");
});

test('an image is allocated under a free name and only once', async () => {
  const params = { vmid: 300, filename: 'vm-300-disk-0.qcow2', size: '16M', format: 'qcow2' };
  const path = '/nodes/pve/storage/quickOS-vm-disks/content';
  expect((await call('POST', path, params)).body.data).toBe('quickOS-vm-disks:300/vm-300-disk-0.qcow2');
  expect((await call('POST', path, params)).reason).toBe(
    "disk image '/mnt/pve/quickOS-vm-disks/images/300/vm-300-disk-0.qcow2' already exists",
  );
});

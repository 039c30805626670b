import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../src/index.js';
import { type Call, callerOf, finish } from './support/request.js';

let lab: Lab;
let call: Call;

beforeEach(async () => {
  lab = await startLab({ imageMirror: false });
  call = callerOf(lab);
});
afterEach(() => lab.close());

test('drop-before closes the connection and does nothing; drop-after does it first', async () => {
  lab.faults.add({ on: 'POST /pools', nth: 1, effect: 'drop-before' });
  lab.faults.add({ on: 'POST /pools', nth: 2, effect: 'drop-after' });
  await expect(call('POST', '/pools', { poolid: 'first' })).rejects.toThrow();
  expect(lab.state.pools).toEqual({});
  await expect(call('POST', '/pools', { poolid: 'second' })).rejects.toThrow();
  expect(Object.keys(lab.state.pools)).toEqual(['second']);
  expect((await call('POST', '/pools', { poolid: 'third' })).status).toBe(200);
  expect(lab.requests.map((request) => request.status)).toEqual([-1, -1, 200]);
});

test('a status is answered with its reason and nothing is done', async () => {
  lab.faults.add({ on: '* /nodes/*/storage/**', times: 1, effect: { status: 596 } });
  expect(await call('GET', '/nodes/pve/storage/local/content')).toMatchObject({
    status: 596,
    reason: 'Connection timed out',
    text: '',
  });
  expect((await call('GET', '/nodes/pve/storage/local/content')).status).toBe(200);
});

test('a status after the effect stands in place of the answer', async () => {
  lab.faults.add({ on: 'POST /pools', nth: 1, effect: { status: 596, after: true } });
  expect(await call('POST', '/pools', { poolid: 'made' })).toMatchObject({ status: 596, text: '' });
  expect(Object.keys(lab.state.pools)).toEqual(['made']);
  expect(lab.requests.map((request) => request.status)).toEqual([596]);
});

test('a stale digest is refused once, and the next call with the same one is taken', async () => {
  await finish(lab, (await call('POST', '/nodes/pve/qemu', { vmid: '100' })).body.data);
  const { data } = (await call('GET', '/nodes/pve/qemu/100/config')).body;
  const digest = Reflect.get(Object(data), 'digest');
  expect(digest).toMatch(/^[0-9a-f]{40}$/);
  lab.faults.add({ on: 'PUT /nodes/*/qemu/100/config', nth: 1, effect: 'stale-digest' });
  const change = () => call('PUT', '/nodes/pve/qemu/100/config', { cores: '2', digest });
  expect(await change()).toMatchObject({
    status: 500,
    reason: 'checksum mismatch (file change by other user?)',
  });
  expect((await change()).status).toBe(200);
});

test('tasks fail or end with warnings', async () => {
  const volume = '/nodes/pve/storage/local/content/local:iso%2Fnone.iso';
  lab.faults.add({
    on: 'DELETE /nodes/*/storage/*/content/**',
    nth: 1,
    effect: { task: 'fail', log: 'no space left on device' },
  });
  lab.faults.add({
    on: 'DELETE /nodes/*/storage/*/content/**',
    nth: 2,
    effect: { task: 'warnings', log: 'odd' },
  });
  expect(await finish(lab, (await call('DELETE', volume)).body.data)).toMatchObject({
    status: 'no space left on device',
    log: ['TASK ERROR: no space left on device'],
  });
  expect((await finish(lab, (await call('DELETE', volume)).body.data)).status).toBe('WARNINGS: 1');
});

test('a delay passes in lab time', async () => {
  const before = lab.clock.now();
  lab.faults.add({ on: 'GET /version', effect: { delayMs: 20_000 } });
  expect((await call('GET', '/version')).status).toBe(200);
  expect(lab.clock.now() - before).toBeGreaterThanOrEqual(20_000);
});

test('a lock is not to be had', async () => {
  await finish(lab, (await call('POST', '/nodes/pve/qemu', { vmid: 100 })).body.data);
  lab.faults.add({ on: 'PUT /nodes/*/qemu/100/config', times: 1, effect: 'lock-timeout' });
  const reason = "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout";
  expect(await call('PUT', '/nodes/pve/qemu/100/config', { cores: 2 })).toMatchObject({
    status: 500,
    reason,
  });
  expect((await call('PUT', '/nodes/pve/qemu/100/config', { cores: 2 })).status).toBe(200);
});

test('a rule can be taken back', async () => {
  const remove = lab.faults.add({ on: 'GET /version', effect: { status: 500 } });
  expect((await call('GET', '/version')).status).toBe(500);
  remove();
  expect((await call('GET', '/version')).status).toBe(200);
});

test('a container whose creation or clone fails leaves nothing, and its source is not locked', async () => {
  const guest = { vmid: 600, kind: 'lxc', node: 'pve' } as const;
  const main = { hostname: 'source', rootfs: 'quickOS-vm-disks:600/vm-600-disk-0.raw,size=1G' };
  lab.state.guests['600'] = { ...guest, config: { main, pending: {}, cloudinit: {}, snapshots: {} } };
  lab.faults.add({ on: 'POST /nodes/*/lxc', nth: 1, effect: { task: 'fail' } });
  lab.faults.add({ on: 'POST /nodes/*/lxc/600/clone', nth: 1, effect: { task: 'fail' } });
  const created = await call('POST', '/nodes/pve/lxc', {
    vmid: '601',
    ostemplate: 'local:vztmpl/none.tar.gz',
    storage: 'quickOS-vm-disks',
  });
  expect(created.text).toContain('UPID');
  expect((await finish(lab, created.body.data)).status).toBe('fault injected by the lab');
  const cloned = await call('POST', '/nodes/pve/lxc/600/clone', { newid: '602', full: '1' });
  expect(cloned.text).toContain('UPID');
  expect((await finish(lab, cloned.body.data)).status).toBe('fault injected by the lab');
  expect(Object.keys(lab.state.guests)).toEqual(['600']);
  expect(lab.state.guests['600']?.config.main).toEqual(main);
});

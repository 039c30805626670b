import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  cloneGuest,
  convertToTemplate,
  createGuest,
  createProxmoxClient,
  createSnapshot,
  deleteGuest,
  deleteSnapshot,
  getGuestConfig,
  getGuestPending,
  getGuestStatus,
  listSnapshots,
  listTasks,
  nextVmid,
  type ProxmoxClient,
  rebootGuest,
  resizeDisk,
  rollbackSnapshot,
  shutdownGuest,
  startGuest,
  stopGuest,
  updateGuestConfig,
} from '../src/index.js';
import { type AnsweringServer, startAnsweringServer } from './support/answering-server.js';

const vm = { kind: 'qemu', node: 'pve', vmid: 100 } as const;
const ct = { kind: 'lxc', node: 'pve', vmid: 200 } as const;
let server: AnsweringServer;
let client: ProxmoxClient;

beforeAll(async () => {
  server = await startAnsweringServer(({ method }) => ({
    data: method === 'GET' ? [] : 'UPID:pve:0000A1B2:01234567:65F0A1B2:x:1:root@pam:',
  }));
  client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret' });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

type Verb = (client: ProxmoxClient) => Promise<unknown>;

/** What each verb sends: method and path, and the parameters of query or body. */
const SENT: readonly (readonly [string, Record<string, string>, Verb])[] = [
  [
    'POST /nodes/pve/qemu',
    { vmid: '100', cores: '2', onboot: '0' },
    (c) => createGuest(c, { ...vm, set: { cores: 2, onboot: false } }),
  ],
  [
    'POST /nodes/pve/lxc',
    { vmid: '200', ostemplate: 'local:vztmpl/a.tar', unprivileged: '1' },
    (c) => createGuest(c, { ...ct, set: { ostemplate: 'local:vztmpl/a.tar', unprivileged: true } }),
  ],
  [
    'POST /nodes/pve/qemu/100/clone',
    { newid: '101', name: 'a', full: '1', snapname: 's', format: 'qcow2' },
    (c) => cloneGuest(c, { ...vm, newVmid: 101, name: 'a', full: true, snapshot: 's', format: 'qcow2' }),
  ],
  [
    'POST /nodes/pve/lxc/200/clone',
    { newid: '201', hostname: 'a', target: 'pve2' },
    (c) => cloneGuest(c, { ...ct, newVmid: 201, name: 'a', target: 'pve2' }),
  ],
  [
    'DELETE /nodes/pve/qemu/100',
    { purge: '1', 'destroy-unreferenced-disks': '0' },
    (c) => deleteGuest(c, { ...vm, purge: true, destroyUnreferencedDisks: false }),
  ],
  ['DELETE /nodes/pve/lxc/200', {}, (c) => deleteGuest(c, ct)],
  ['POST /nodes/pve/qemu/100/status/start', {}, (c) => startGuest(c, vm)],
  ['POST /nodes/pve/lxc/200/status/start', {}, (c) => startGuest(c, ct)],
  [
    'POST /nodes/pve/qemu/100/status/stop',
    { 'overrule-shutdown': '1' },
    (c) => stopGuest(c, { ...vm, overruleShutdown: true }),
  ],
  ['POST /nodes/pve/lxc/200/status/stop', {}, (c) => stopGuest(c, ct)],
  [
    'POST /nodes/pve/qemu/100/status/shutdown',
    { timeout: '30', forceStop: '1' },
    (c) => shutdownGuest(c, { ...vm, timeoutSeconds: 30, forceStop: true }),
  ],
  ['POST /nodes/pve/lxc/200/status/shutdown', {}, (c) => shutdownGuest(c, ct)],
  [
    'POST /nodes/pve/qemu/100/status/reboot',
    { timeout: '5' },
    (c) => rebootGuest(c, { ...vm, timeoutSeconds: 5 }),
  ],
  ['POST /nodes/pve/lxc/200/status/reboot', {}, (c) => rebootGuest(c, ct)],
  [
    'PUT /nodes/pve/qemu/100/resize',
    { disk: 'scsi0', size: '+1G', digest: 'abc' },
    (c) => resizeDisk(c, { ...vm, disk: 'scsi0', size: '+1G', digest: 'abc' }),
  ],
  [
    'PUT /nodes/pve/lxc/200/resize',
    { disk: 'rootfs', size: '9G' },
    (c) => resizeDisk(c, { ...ct, disk: 'rootfs', size: '9G' }),
  ],
  ['POST /nodes/pve/qemu/100/template', {}, (c) => convertToTemplate(c, vm)],
  ['POST /nodes/pve/lxc/200/template', {}, (c) => convertToTemplate(c, ct)],
  [
    'PUT /nodes/pve/lxc/200/config',
    { hostname: 'a', delete: 'swap,mp0' },
    (c) => updateGuestConfig(c, { ...ct, set: { hostname: 'a' }, delete: ['swap', 'mp0'] }),
  ],
  ['GET /nodes/pve/lxc/200/config', { current: '1' }, (c) => getGuestConfig(c, { ...ct, current: true })],
  ['GET /nodes/pve/qemu/100/config', { snapshot: 's' }, (c) => getGuestConfig(c, { ...vm, snapshot: 's' })],
  ['GET /nodes/pve/lxc/200/pending', {}, (c) => getGuestPending(c, ct)],
  ['GET /nodes/pve/lxc/200/status/current', {}, (c) => getGuestStatus(c, ct)],
  [
    'POST /nodes/pve/qemu/100/snapshot',
    { snapname: 'before', vmstate: '1', description: 'x' },
    (c) => createSnapshot(c, { ...vm, name: 'before', withMemory: true, description: 'x' }),
  ],
  [
    'POST /nodes/pve/lxc/200/snapshot',
    { snapname: 'before' },
    (c) => createSnapshot(c, { ...ct, name: 'before' }),
  ],
  ['GET /nodes/pve/lxc/200/snapshot', {}, (c) => listSnapshots(c, ct)],
  [
    'POST /nodes/pve/lxc/200/snapshot/before/rollback',
    { start: '1' },
    (c) => rollbackSnapshot(c, { ...ct, name: 'before', start: true }),
  ],
  ['DELETE /nodes/pve/lxc/200/snapshot/before', {}, (c) => deleteSnapshot(c, { ...ct, name: 'before' })],
  ['GET /cluster/nextid', { vmid: '150' }, (c) => nextVmid(c, { vmid: 150 })],
  [
    'GET /nodes/pve/tasks',
    { source: 'active', limit: '5', errors: '1' },
    (c) => listTasks(c, { node: 'pve', source: 'active', limit: 5, errorsOnly: true }),
  ],
];

test.each(SENT)('%s %j', async (call, parameters, verb) => {
  await verb(client);
  const request = server.requests.at(-1);
  expect(`${request?.method} ${request?.path}`).toBe(call);
  expect(Object.fromEntries([...(request?.query ?? []), ...(request?.form ?? [])])).toEqual(parameters);
});

test('a container without a template is refused before anything is sent', async () => {
  const before = server.requests.length;
  await expect(createGuest(client, ct)).rejects.toMatchObject({
    code: 'PVE_PARAMETER',
    errors: { ostemplate: expect.any(String) },
  });
  expect(server.requests.length).toBe(before);
});

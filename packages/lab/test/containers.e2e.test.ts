import { afterEach, beforeEach, expect, test } from 'vitest';
import { type Lab, startLab } from '../src/index.js';
import { type Call, callerOf } from './support/request.js';

let lab: Lab;
let call: Call;

beforeEach(async () => {
  lab = await startLab({ imageMirror: false });
  call = callerOf(lab);
});
afterEach(() => lab.close());

test('a container that is still being cloned, without a root file system yet, is shown in every list', async () => {
  const main = { hostname: 'copy', memory: '128', lock: 'create' };
  lab.state.guests['601'] = {
    vmid: 601,
    kind: 'lxc',
    node: 'pve',
    config: { main, pending: {}, cloudinit: {}, snapshots: {} },
  };
  const shown = { vmid: 601, name: 'copy', status: 'stopped', lock: 'create', maxdisk: 4 * 2 ** 30 };
  expect((await call('GET', '/nodes/pve/lxc')).body.data).toMatchObject([shown]);
  expect((await call('GET', '/nodes/pve/lxc/601/status/current')).body.data).toMatchObject(shown);
  expect((await call('GET', '/cluster/resources?type=vm')).body.data).toMatchObject([
    { vmid: 601, type: 'lxc', lock: 'create' },
  ]);
  expect(await call('GET', '/nodes/pve/lxc/601/feature?feature=copy')).toMatchObject({ status: 200 });
});

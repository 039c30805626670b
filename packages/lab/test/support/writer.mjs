// A lab with a state directory that is written to without pause, until somebody kills this process. Every write is told on stdout once it was answered.
import { startLab } from '../../dist/index.js';

const [, , stateDir] = process.argv;
const lab = await startLab({ stateDir, imageMirror: false, clock: 'virtual' });
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.stdout.write('ready\n');
const { tasks } = lab.inside;
const call = async (method, path, params) => {
  const response = await fetch(`${lab.url}/api2/json${path}`, {
    method,
    headers: { authorization: `PVEAPIToken=${lab.token}` },
    ...(params === undefined ? {} : { body: new URLSearchParams(params) }),
  });
  return { status: response.status, data: (await response.json()).data };
};
const wait = async ({ data }) => (typeof data === 'string' ? tasks.finished(data) : undefined);
for (let count = 0; ; count += 1) {
  const name = `p${process.pid}-${count}`;
  const { status } = await call('POST', '/pools', { poolid: name, comment: 'x'.repeat(count % 200) });
  if (status === 200) process.stdout.write(`pool ${name}\n`);
  // A guest is made, cloned, started, changed and deleted, mostly without waiting for what was asked before.
  const vmid = String(9000 + (count % 3));
  const guest = `/nodes/pve/qemu/${vmid}`;
  const created = await call('POST', '/nodes/pve/qemu', {
    vmid,
    scsi0: 'quickOS-vm-disks:1,format=qcow2',
    kvm: '0',
  });
  if (count % 2 === 0) await wait(created);
  await call('POST', `${guest}/clone`, { newid: String(9100 + (count % 3)), full: '1' });
  const started = await call('POST', `${guest}/status/start`);
  await call('PUT', `${guest}/config`, { cores: String(1 + (count % 4)), scsi1: 'quickOS-vm-disks:1' });
  await call('POST', `${guest}/snapshot`, { snapname: `s${count}` });
  if (count % 3 === 0) await wait(started);
  await wait(await call('POST', `${guest}/status/stop`));
  await call('DELETE', guest);
  const deleted = await call('DELETE', `/nodes/pve/qemu/${9100 + (count % 3)}`);
  if (typeof deleted.data === 'string') process.stdout.write(`task ${deleted.data}\n`);
  const upid = tasks.start({
    type: 'imgdel',
    node: 'pve',
    user: 'root@pam',
    run: async (task) => {
      task.log('at work');
      await lab.clock.sleep(5);
    },
  });
  process.stdout.write(`task ${upid}\n`);
}

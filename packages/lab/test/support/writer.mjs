// A lab with a state directory that is written to without pause, until somebody kills this process. Every write is told on stdout once it was answered.
import { startLab } from '../../dist/index.js';

const [, , stateDir] = process.argv;
const lab = await startLab({ stateDir, imageMirror: false, clock: 'virtual' });
process.env.NODE_TLS_REJECT_UNAUTHORIZED = '0';
process.stdout.write('ready\n');
const { tasks, storages } = lab.inside;
for (let count = 0; ; count += 1) {
  const name = `p${process.pid}-${count}`;
  const form = new URLSearchParams({ poolid: name, comment: 'x'.repeat(count % 200) });
  const response = await fetch(`${lab.url}/api2/json/pools`, {
    method: 'POST',
    headers: { authorization: `PVEAPIToken=${lab.token}` },
    body: form,
  });
  if (response.status === 200) process.stdout.write(`pool ${name}\n`);
  const volid = await storages.allocate({
    node: 'pve',
    storage: 'quickOS-vm-disks',
    vmid: 9000,
    sizeBytes: 1 << 20,
  });
  const upid = tasks.start({
    type: 'imgdel',
    node: 'pve',
    user: 'root@pam',
    run: async (task) => {
      task.log('at work');
      await lab.clock.sleep(5);
      await storages.free('pve', volid);
    },
  });
  if (count % 2 === 0) await tasks.finished(upid);
  process.stdout.write(`task ${upid}\n`);
}

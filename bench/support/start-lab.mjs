// Starts a lab: `time` says how long that took and ends; `serve` fills it with guests, says where it is, and ends with its input.
const before = performance.now();
const { startLab } = await import('../../packages/lab/dist/index.js');
const imported = performance.now();
const lab = await startLab();
const started = performance.now();
if (process.argv[2] === 'time') {
  console.log(JSON.stringify({ importMs: imported - before, startMs: started - imported }));
} else {
  for (let vmid = 100; vmid < 150; vmid++) {
    lab.state.guests[vmid] = {
      vmid,
      kind: 'qemu',
      node: 'pve',
      config: {
        main: {
          name: `guest-${vmid}`,
          cores: '4',
          memory: '8192',
          net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
          boot: 'order=scsi0',
        },
        pending: {},
        cloudinit: {},
        snapshots: {},
      },
    };
  }
  console.log(JSON.stringify({ url: lab.url, token: lab.token }));
  for await (const _ of process.stdin);
}
await lab.close();

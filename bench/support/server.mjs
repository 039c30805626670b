// A stand-in for pveproxy, in a process of its own: TLS, keep-alive limits and answers like PVE's, and nothing else.
import { readFileSync } from 'node:fs';
import { createServer } from 'node:https';

const here = new URL('./', import.meta.url);
const guests = Array.from({ length: 50 }, (_, index) => ({
  id: `qemu/${100 + index}`,
  type: 'qemu',
  node: 'pve',
  vmid: 100 + index,
  name: `guest-${index}`,
  status: 'running',
  maxcpu: 4,
  maxmem: 8_589_934_592,
  maxdisk: 107_374_182_400,
  cpu: 0.0123,
  mem: 1_234_567_890,
  uptime: 12_345,
  template: 0,
  tags: 'phoenix',
}));
const config = {
  name: 'guest',
  cores: 4,
  memory: '8192',
  onboot: 1,
  agent: '1',
  scsihw: 'virtio-scsi-single',
  scsi0: 'local-lvm:vm-100-disk-0,discard=on,iothread=1,size=100G',
  net0: 'virtio=BC:24:11:00:00:01,bridge=vmbr0',
  boot: 'order=scsi0;net0',
  digest: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4',
};
const answers = new Map(
  Object.entries({
    '/api2/json/version': { version: '9.2.11', release: '9.2', repoid: 'abcdef0123456789' },
    '/api2/json/cluster/resources?type=vm': guests,
    '/api2/json/nodes/pve/qemu/100/config': config,
  }).map(([path, data]) => [path, Buffer.from(JSON.stringify({ data }))]),
);

const server = createServer(
  {
    key: readFileSync(new URL('localhost-key.pem', here)),
    cert: readFileSync(new URL('localhost.pem', here)),
  },
  (request, response) => {
    if (request.method === 'POST') {
      // Uploads: take everything, answer with a task.
      request.resume();
      request.on('end', () => {
        response.writeHead(200, { 'content-type': 'application/json;charset=UTF-8', connection: 'close' });
        response.end('{"data":"UPID:pve:0000A1B2:01234567:65F0A1B2:imgcopy::root@pam!bench:"}');
      });
      return;
    }
    const body = answers.get(request.url ?? '');
    response.writeHead(body ? 200 : 501, {
      'cache-control': 'max-age=0',
      'content-type': 'application/json;charset=UTF-8',
      server: 'pve-api-daemon/3.0',
      'content-length': body?.byteLength ?? 0,
    });
    response.end(body);
  },
);
server.keepAliveTimeout = 5_000;
server.maxRequestsPerSocket = 100;
server.listen(0, '127.0.0.1', () => process.send?.(server.address().port));
process.on('disconnect', () => process.exit());

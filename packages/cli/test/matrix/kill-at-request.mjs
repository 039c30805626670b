// Loaded before the command line by NODE_OPTIONS=--import. Ends its process by SIGKILL at one of its requests, as a power cut would. A request is named by
// its method, path and how manieth of that kind it is, `PUT /nodes/pve/qemu/8001/config#2`: guests are worked on at the same time, so a place among all
// requests would mean another one in every run. Frames of a terminal's websocket are requests too: `FRAME /nodes/pve/lxc/901/vncwebsocket#7`.
// PHOENIX_TEST_CUT=sent NAME when the request is on the wire and unanswered, answered NAME when its answer has arrived and nothing
// was made of it. PHOENIX_TEST_TRACE names a file that gets one line for each request.

import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const [moment, ...rest] = (process.env.PHOENIX_TEST_CUT ?? '').split(' ');
const wanted = rest.join(' ');
const trace = process.env.PHOENIX_TEST_TRACE;
const names = new WeakMap();
const counts = new Map();

function nameNext(method, target) {
  const path = decodeURIComponent(target.split('?')[0])
    .replace(/^\/api2\/json/, '')
    // What a task is and works on; the rest of its id is drawn anew in every run.
    .replace(/UPID:[^:]+:[^:]+:[^:]+:[^:]+:([^:]*):([^:]*):[^/]*/, '$1:$2')
    // The content of a seed depends on the MAC addresses that the cluster drew.
    .replace(/phoenix-(\d+)-[0-9a-f]{12}\.iso/, 'phoenix-$1.iso');
  const kind = `${method} ${path}`;
  const count = (counts.get(kind) ?? 0) + 1;
  counts.set(kind, count);
  const name = `${kind}#${count}`;
  if (trace !== undefined) appendFileSync(trace, `${name}\n`);
  return name;
}

function end() {
  // Gives the kernel time to send what was written, without letting this program go on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  process.kill(process.pid, 'SIGKILL');
}

subscribe('undici:request:create', ({ request }) => {
  names.set(request, nameNext(request.method, request.path));
});
subscribe('undici:request:bodySent', ({ request }) => {
  if (moment === 'sent' && names.get(request) === wanted) setImmediate(end);
});
subscribe('undici:request:headers', ({ request }) => {
  if (moment === 'answered' && names.get(request) === wanted) end();
});

// A socket that asked to become a websocket writes frames from then on.
subscribe('undici:client:connected', ({ socket }) => {
  const { write } = socket;
  let path;
  socket.write = (chunk, ...others) => {
    const result = write.call(socket, chunk, ...others);
    if (path !== undefined && nameNext('FRAME', path) === wanted) setImmediate(end);
    if (typeof chunk === 'string' && /\r\nupgrade: websocket\r\n/i.test(chunk)) path = chunk.split(' ')[1];
    return result;
  };
});

// Loaded before the command line by NODE_OPTIONS=--import. Ends its process by SIGKILL at one of its requests, as a power cut would:
// PHOENIX_TEST_CUT=sent:7 when the seventh request is on the wire and unanswered, answered:7 when its answer has arrived and nothing
// was made of it. PHOENIX_TEST_TRACE names a file that gets one line for each request.

import { subscribe } from 'node:diagnostics_channel';
import { appendFileSync } from 'node:fs';

const [moment, place] = (process.env.PHOENIX_TEST_CUT ?? ':').split(':');
const trace = process.env.PHOENIX_TEST_TRACE;
const numbers = new WeakMap();
let count = 0;

function end() {
  // Gives the kernel time to send what was written, without letting this program go on.
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
  process.kill(process.pid, 'SIGKILL');
}

subscribe('undici:request:create', ({ request }) => {
  count += 1;
  numbers.set(request, count);
  if (trace !== undefined) appendFileSync(trace, `${request.method} ${request.path.split('?')[0]}\n`);
});
subscribe('undici:request:bodySent', ({ request }) => {
  if (moment === 'sent' && numbers.get(request) === Number(place)) setImmediate(end);
});
subscribe('undici:request:headers', ({ request }) => {
  if (moment === 'answered' && numbers.get(request) === Number(place)) end();
});

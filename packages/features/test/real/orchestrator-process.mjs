// An orchestrator as a process of its own, so that it can be killed: runs the feature `sleeper` in the guest.
// Its parent is the node: it passes commands on to the guest's agent, and lives on when this process is gone.
import { fileURLToPath } from 'node:url';
import { loadFeatures, resolveFeatures, runFeatures } from '../../dist/index.js';

let commands = 0;
const waiting = new Map();
process.on('message', ({ id, result }) => {
  waiting.get(id)(result);
  waiting.delete(id);
});
const shell = {
  description: 'a QEMU guest',
  run: ({ argv, stdin, timeoutMs }) =>
    new Promise((resolve) => {
      commands += 1;
      waiting.set(commands, resolve);
      process.send({ kind: 'command', id: commands, argv, stdin, timeoutMs });
    }),
};
const directory = fileURLToPath(new URL('./scripts/', import.meta.url));
const features = resolveFeatures(await loadFeatures({ directories: [directory] }), [{ name: 'sleeper' }]);
for await (const event of runFeatures({ shell, features })) process.send({ kind: 'event', event });
process.disconnect();

import { fork } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { createOrchestrator } from '../packages/core/dist/index.js';
import { createProxmoxClient } from '../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './support/fleet-config.mjs';
const child = fork(fileURLToPath(new URL('support/fleet-lab.mjs', import.meta.url)), ['1000']);
const [{ url, token, fingerprint }] = await once(child, 'message');
const client = createProxmoxClient({ url, token, fingerprint });
let t0, log = [];
const seen = { ...client, request: async (route, p, o) => { const s = performance.now() - t0; const a = await client.request(route, p, o); if (!route.includes('pending')) log.push([route, s.toFixed(1), (performance.now() - t0).toFixed(1)]); else last = performance.now() - t0, first ??= s; return a; } };
let last, first;
const orch = createOrchestrator({ client: seen, config: fleetConfig(1000) });
for (let i = 0; i < 8; i++) { log = []; first = undefined; t0 = performance.now(); await orch.plan('all'); console.log(JSON.stringify(log), 'first pending', first.toFixed(1), 'last', last.toFixed(1), 'end', (performance.now() - t0).toFixed(1)); }
child.disconnect(); process.exit();

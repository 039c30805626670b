import { readFileSync } from 'node:fs';
import * as core from '../packages/core/dist/index.js';
import { fleetConfig } from './support/fleet-config.mjs';
const answers = JSON.parse(readFileSync('/tmp/fl/answers.json'));
const replay = { endpoints: [], request: async (route, p) => { const a = answers[route + JSON.stringify(p ?? {})]; if (a === undefined) throw new Error(route); return JSON.parse(a); } };
const base = { network_config: { ip: 'dhcp' } };
for (const [name, extra] of Object.entries({ plain: { user_config: { username: 'phoenix_user' } }, features: { user_config: { username: 'phoenix_user' }, features: ['base_setup', 'docker'] }, password: { user_config: { username: 'phoenix_user', password: 'geheim123' } } })) {
  const count = 200;
  const vms = Array.from({ length: count }, (_, i) => ({ vmid: 8001 + i, name: `machine-${i+1}`, template_image: 'noble-server-cloudimg-amd64.img', ...base, ...extra, cores: 2, memory_mb: 1024, disk_size_gb: 10, storage_pool: 'quickOS-vm-disks', network_bridge: 'vmbr0' }));
  const config = core.parseConfig([{ file: '/bench/phoenix.json', text: JSON.stringify({ vms }) }], { homeDirectory: '/bench' });
  const orch = core.createOrchestrator({ client: replay, config });
  for (let i = 0; i < 3; i++) { const s = performance.now(); await orch.plan('all'); console.log(name, count, (performance.now() - s).toFixed(0)); }
}

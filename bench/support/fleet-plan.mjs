// Makes one plan of a finished fleet in a process of its own and tells its parent the peak of its memory in MB.
// Arguments: url, token, fingerprint, number of machines.
import { createOrchestrator, isEmptyPlan } from '../../packages/core/dist/index.js';
import { createProxmoxClient } from '../../packages/proxmox-client/dist/index.js';
import { fleetConfig } from './fleet-config.mjs';

const [, , url, token, fingerprint, count] = process.argv;
const client = createProxmoxClient({ url, token, fingerprint });
const plan = await createOrchestrator({ client, config: fleetConfig(Number(count)) }).plan('all');
process.send({ empty: isEmptyPlan(plan), peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024) });
process.disconnect();
await client.close();

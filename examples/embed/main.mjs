import { createOrchestrator, loadConfig } from '@phoenix/core';
import { createProxmoxClient } from '@phoenix/proxmox-client';

const { PHOENIX_PVE_URL: url, PHOENIX_PVE_TOKEN: token, PHOENIX_PVE_FINGERPRINT: fingerprint } = process.env;
const client = createProxmoxClient({ url, token, fingerprint });
const config = await loadConfig(process.argv[2]);
const orchestrator = createOrchestrator({ client, config });
const plan = await orchestrator.plan('all');
for await (const event of orchestrator.apply(plan)) console.log(JSON.stringify(event));
await client.close();

// Uploads a file in a process that does nothing else, and tells its parent the peak of its memory in MB.
// Arguments: port of the server, file.
import {
  createProxmoxClient,
  fetchFingerprint,
  uploadVolume,
} from '../../packages/proxmox-client/dist/index.js';

const [, , port, source] = process.argv;
const { fingerprint } = await fetchFingerprint({ host: '127.0.0.1', port: Number(port) });
const client = createProxmoxClient({
  url: `https://127.0.0.1:${port}`,
  token: 'root@pam!bench=aaaa',
  fingerprint,
});
let sent = 0;
await uploadVolume(client, {
  node: 'pve',
  storage: 'local',
  content: 'import',
  filename: 'image.raw',
  source,
  onProgress: ({ sentBytes }) => {
    sent = sentBytes;
  },
});
process.send({ sent, peakRssMb: Math.round(process.resourceUsage().maxRSS / 1024) });
process.disconnect();
await client.close();

// The lab as a world for a replay kit of recorded exchanges: one node without hardware virtualisation, one storage, three tokens.
import { startLab } from '../dist/index.js';

const SECRETS = {
  bench: '11111111-2222-3333-4444-555555555555',
  privsep: '11111111-2222-3333-4444-666666666666',
  low: '11111111-2222-3333-4444-777777777777',
};

export default async function createWorld() {
  const lab = await startLab({
    release: process.env.LAB_RELEASE ?? '9.2',
    clock: process.env.LAB_CLOCK ?? 'virtual',
    patienceMs: 1300,
    // The host of the recordings: no hardware virtualisation, no growing of what is mounted, and no monitor of LXC.
    nodes: {
      pve: { cpus: 2, kvm: false, cgroupMode: 1, lacks: ['mounted-resize', 'container-monitor'] },
    },
    storages: { local: { content: 'images,iso,vztmpl,backup,snippets,import,rootdir', path: '/var/lib/vz' } },
    tokens: { bench: SECRETS.bench },
    imageMirror: false,
  });
  const { state, inside, shell } = lab;
  shell.addToken('root@pam', 'privsep', SECRETS.privsep, { privsep: true });
  shell.addToken('low@pve', 'low', SECRETS.low);
  state.roles.LowRole = { privileges: ['VM.Audit', 'Datastore.Audit'] };
  state.acl.low = { path: '/vms/100', subject: 'low@pve', role: 'LowRole', propagate: true };
  const { ticket, csrf } = lab.login('root@pam');
  state.extra['nodes/pve/dns'] = { dns1: '10.255.255.53' };
  const guest = (vmid) => state.guests[String(vmid)];
  return {
    url: lab.url,
    node: 'pve',
    insecure: true,
    tokens: {
      root: `root@pam!bench=${SECRETS.bench}`,
      low: `low@pve!low=${SECRETS.low}`,
      privsep: `root@pam!privsep=${SECRETS.privsep}`,
    },
    rootTicket: ticket,
    rootCsrf: csrf,
    async close() {
      await lab.close();
    },
    outOfBand: {
      async readConf(vmid) {
        return shell.readGuestConfig(Number(vmid));
      },
      async setLock(vmid, lock) {
        guest(vmid).config.main.lock = lock;
      },
      async clearLock(vmid) {
        delete guest(vmid).config.main.lock;
      },
      async writeSnippet(storage, name, text, { executable } = {}) {
        await shell.writeSnippet('pve', storage, name, text, { executable });
      },
      async removeDiskFiles(vmid) {
        for (const volume of inside.storages.volumes('pve', { vmid: Number(vmid) }))
          await inside.storages.free('pve', volume.volid);
      },
      async provideImage(path, bytes) {
        await shell.writeFile('pve', path, bytes);
      },
    },
  };
}

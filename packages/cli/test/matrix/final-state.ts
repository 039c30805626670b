import {
  getGuestConfig,
  getGuestStatus,
  listSnapshots,
  listVolumes,
  type ProxmoxClient,
} from '@phoenix/proxmox-client';

/** What each run draws anew says nothing about whether two clusters are alike. */
const drawnKeys = new Set(['digest', 'vmgenid', 'smbios1', 'meta']);

function withoutDraws(text: string): string {
  return text
    .replaceAll(/BC:24:11:[0-9A-F:]{8}/gi, 'MAC')
    .replaceAll(/"build":"[^"]*"/g, '"build":"*"')
    .replaceAll(/"seed":"[0-9a-f]+"/g, '"seed":"*"')
    .replaceAll(/@[0-9a-f]{12}/g, '@*')
    .replaceAll(/phoenix-(\d+)-[0-9a-f]{12}\.iso/g, 'phoenix-$1.iso');
}

interface FinalGuest {
  readonly vmid: number;
  readonly status: string;
  readonly snapshots: readonly string[];
  readonly config: Readonly<Record<string, unknown>>;
}

/** What a run left on the cluster. Equal for two runs that came to the same end. */
export interface FinalState {
  readonly guests: readonly FinalGuest[];
  /** Volume ids with sizes, of all storages. */
  readonly volumes: readonly string[];
}

async function readGuest(client: ProxmoxClient, vmid: number): Promise<FinalGuest> {
  const guest = { kind: 'qemu', node: 'pve', vmid } as const;
  const [config, status, snapshots] = await Promise.all([
    getGuestConfig(client, guest),
    getGuestStatus(client, guest),
    listSnapshots(client, guest),
  ]);
  const kept = Object.entries(config).filter(([key]) => !drawnKeys.has(key));
  return {
    vmid,
    status: status.status,
    snapshots: snapshots.map((snapshot) => snapshot.name).sort(),
    config: Object.fromEntries(
      kept.map(([key, value]) => [key, typeof value === 'string' ? withoutDraws(value) : value]),
    ),
  };
}

/** Reads every guest with its configuration, and every volume, of the lab's one node. */
export async function readFinalState(client: ProxmoxClient): Promise<FinalState> {
  const listed = await client.request('GET /nodes/{node}/qemu', { node: 'pve' });
  const vmids = listed.map(({ vmid }) => vmid).sort((left, right) => left - right);
  const volumes = await Promise.all(
    ['local', 'quickOS-vm-disks'].map((storage) => listVolumes(client, { node: 'pve', storage })),
  );
  return {
    guests: await Promise.all(vmids.map((vmid) => readGuest(client, vmid))),
    volumes: volumes
      .flat()
      .map(({ volid, size }) => withoutDraws(`${volid} ${size}`))
      .sort(),
  };
}

import type { Lab } from '@phoenix/lab';

/** What each run draws anew says nothing about whether two clusters are alike. */
const drawnKeys = new Set(['digest', 'vmgenid', 'smbios1', 'meta']);

function withoutDraws(text: string): string {
  return text
    .replaceAll(/BC:24:11:[0-9A-F:]{8}/gi, 'MAC')
    .replaceAll(/"(build|seed|at|secrets)":"[^"]*"/g, '"$1":"*"')
    .replaceAll(/@[0-9a-f]{12}/g, '@*')
    .replaceAll(/phoenix-(\d+)-[0-9a-f]{12}\.iso/g, 'phoenix-$1.iso');
}

function cleanSection(section: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  const kept = Object.entries(section).filter(([key]) => !drawnKeys.has(key));
  return Object.fromEntries(kept.map(([key, value]) => [key, withoutDraws(value)]));
}

interface FinalGuest {
  readonly vmid: number;
  readonly kind: string;
  readonly running: boolean;
  readonly config: Readonly<Record<string, string>>;
  readonly pending: Readonly<Record<string, string>>;
  readonly snapshots: readonly string[];
}

/** What runs left on a cluster and in its guests. Equal for two histories that came to the same end. */
export interface FinalState {
  readonly guests: readonly FinalGuest[];
  /** Volume ids with sizes, of all storages: images, seeds, disks. */
  readonly volumes: readonly string[];
  /** Files of Phoenix in guests: receipts with what they say, packs, logs; also of jobs that nobody cleared away. */
  readonly files: readonly string[];
  readonly pools: readonly string[];
}

const root = '/var/lib/phoenix/';

function readFiles(disk: string, record: unknown): readonly string[] {
  const changes: unknown = Reflect.get(Object(record), 'changes');
  return Object.entries(Object(changes)).flatMap(([path, node]: [string, unknown]) => {
    if (node === null || !path.startsWith(root)) return [];
    const content: unknown = Reflect.get(Object(node), 'content');
    const shown = path.includes('/receipts/') ? ` ${withoutDraws(String(content))}` : '';
    return [`${disk} ${path}${shown}`];
  });
}

/** Reads everything that the lab knows and that a run of Phoenix may have made or left behind. */
export function readFinalState({ state, inside }: Lab): FinalState {
  const guests = Object.values(state.guests).map(({ vmid, kind, config }) => ({
    vmid,
    kind,
    running: (kind === 'qemu' ? inside.runtime : inside.containers).process(vmid) !== undefined,
    config: cleanSection(config.main),
    pending: cleanSection(config.pending),
    snapshots: Object.keys(config.snapshots).sort(),
  }));
  return {
    guests: guests.sort((left, right) => left.vmid - right.vmid),
    volumes: Object.values(state.volumes)
      .map(({ volid, sizeBytes }) => withoutDraws(`${volid} ${sizeBytes}`))
      .sort(),
    files: Object.entries(state.disks)
      .flatMap(([disk, record]) => readFiles(disk, record))
      .sort(),
    pools: Object.keys(state.pools).sort(),
  };
}

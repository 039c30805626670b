/** Words that people write for a known key. */
const SYNONYMS: Readonly<Record<string, string>> = {
  bridge: 'network_bridge',
  clone: 'clone_from_vmid',
  clonefrom: 'clone_from_vmid',
  containers: 'lxc_configs',
  cpu: 'cores',
  cpus: 'cores',
  defaults: 'vm_defaults',
  disk: 'disk_size_gb',
  disksize: 'disk_size_gb',
  dns: 'nameserver',
  gateway: 'gw',
  guests: 'vms',
  healthcheck: 'health_check',
  hostname: 'name',
  id: 'vmid',
  image: 'template_image',
  linkedclone: 'clone_type',
  lxc: 'lxc_configs',
  lxcs: 'lxc_configs',
  machines: 'vms',
  mem: 'memory_mb',
  memory: 'memory_mb',
  network: 'network_config',
  networks: 'network_config',
  onboot: 'start_at_boot',
  ram: 'memory_mb',
  rootfs: 'storage_size_gb',
  size: 'disk_size_gb',
  sshkey: 'ssh_keys',
  sshpublickeys: 'ssh_keys',
  storage: 'storage_pool',
  swap: 'swap_mb',
  template: 'template_image',
  templateid: 'clone_from_vmid',
  user: 'user_config',
  vlantag: 'vlan',
};

/**
 * The known name that was most likely meant, or `undefined` when none is near: equal but for case and separators,
 * a common synonym, or at an edit distance of at most a third of its length.
 */
export function nearestName(name: string, known: readonly string[]): string | undefined {
  const bare = fold(name);
  const same = known.find((candidate) => fold(candidate) === bare);
  if (same !== undefined) return same;
  const synonym = SYNONYMS[bare];
  if (synonym !== undefined && known.includes(synonym)) return synonym;
  const direct = closest(bare, known);
  if (direct !== undefined) return direct;
  const usable = Object.keys(SYNONYMS).filter((word) => known.includes(SYNONYMS[word] ?? ''));
  return SYNONYMS[closest(bare, usable) ?? ''];
}

function closest(bare: string, candidates: readonly string[]): string | undefined {
  let best: string | undefined;
  let bestDistance = Number.POSITIVE_INFINITY;
  for (const candidate of candidates) {
    const longer = Math.max(bare.length, candidate.length);
    const limit = longer < 3 ? 0 : Math.max(1, Math.floor(longer / 3));
    const distance = editDistance(bare, fold(candidate), limit);
    if (distance <= limit && distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}

function fold(name: string): string {
  return name.toLowerCase().replace(/[\s_.-]/g, '');
}

/** Insertions, deletions, substitutions and swaps of neighbours between two words; more than `limit` is `limit + 1`. */
export function editDistance(left: string, right: string, limit: number): number {
  if (Math.abs(left.length - right.length) > limit) return limit + 1;
  let beforeLast: number[] = [];
  let last = Array.from({ length: right.length + 1 }, (_, index) => index);
  for (let row = 1; row <= left.length; row += 1) {
    const current = [row];
    for (let column = 1; column <= right.length; column += 1) {
      const same = left[row - 1] === right[column - 1];
      let distance = Math.min(
        (last[column] ?? 0) + 1,
        (current[column - 1] ?? 0) + 1,
        (last[column - 1] ?? 0) + (same ? 0 : 1),
      );
      if (
        row > 1 &&
        column > 1 &&
        left[row - 1] === right[column - 2] &&
        left[row - 2] === right[column - 1]
      ) {
        distance = Math.min(distance, (beforeLast[column - 2] ?? 0) + 1);
      }
      current.push(distance);
    }
    beforeLast = last;
    last = current;
  }
  return Math.min(last[right.length] ?? 0, limit + 1);
}

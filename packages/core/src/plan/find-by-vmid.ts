/** The entry of one guest in a list that is ordered by vmid, as those of configurations and inventories are. */
export function findByVmid<Entry extends { readonly vmid: number }>(
  ordered: readonly Entry[],
  vmid: number,
): Entry | undefined {
  let from = 0;
  let to = ordered.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    const entry = ordered[middle];
    if (entry === undefined || entry.vmid === vmid) return entry;
    if (entry.vmid < vmid) from = middle + 1;
    else to = middle;
  }
  return undefined;
}

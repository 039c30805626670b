/** One rule of a firewall file, in the words of the API; `pos` is its place in the list. */
export interface FirewallRule {
  [key: string]: string | number;
}

/** A named address or network. */
export interface FirewallAlias {
  cidr: string;
  comment?: string;
}

/** A named set of addresses. */
export interface FirewallIpset {
  comment?: string;
  entries: { cidr: string; nomatch?: number; comment?: string }[];
}

/** One firewall file (`cluster.fw`, `host.fw`, `VMID.fw`). */
export interface FirewallFile {
  options: Record<string, string | number>;
  rules: FirewallRule[];
  aliases: Record<string, FirewallAlias>;
  ipsets: Record<string, FirewallIpset>;
  /** Security groups; of the cluster's file only. */
  groups: Record<string, { comment?: string; rules: FirewallRule[] }>;
}

/** A file without anything in it. */
export function createFirewallFile(): FirewallFile {
  return { options: {}, rules: [], aliases: {}, ipsets: {}, groups: {} };
}

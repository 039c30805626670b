import type { ProxmoxErrorCode } from './error-codes.js';

/** One class of failure, recognised by the text of a server's answer or of a task's exit status. */
export interface FailureRow {
  readonly code: ProxmoxErrorCode;
  /** Matches the server's text, with its named groups giving facts: `lock`. */
  readonly text: RegExp;
  /** The refusal came before anything was done, so the call may be sent again as it was. */
  readonly withoutEffect?: true;
  /** Where PVE makes this text. */
  readonly source: string;
}

/**
 * PVE answers 500 for most things, so its texts are what tells failures apart; the first row that matches decides.
 * Texts were observed on PVE 8.4.21 and 9.2.11 unless the source says otherwise.
 */
export const FAILURE_TABLE: readonly FailureRow[] = [
  {
    code: 'PVE_LOCK_TIMEOUT',
    text: /^(?:[a-z ]+ failed: )?(?:can't lock file '[^']+' - got timeout|(?:error acquiring )?cfs-lock '[^']+'(?: error)?: got lock request timeout|can't acquire lock '[^']+' - got timeout)$/,
    withoutEffect: true,
    source: 'pve-common Tools.pm lock_file; pve-cluster Cluster.pm cfs_lock',
  },
  {
    code: 'PVE_LOCK_TIMEOUT',
    text: /can't (?:lock file|acquire lock) '[^']+' - got timeout|got lock request timeout|unable to acquire pmxcfs lock|-locked command timed out/,
    source: 'the same, reported by an operation that had begun',
  },
  {
    code: 'PVE_SERVER',
    text: /^(?:got no worker upid - )?start worker failed|^starting worker failed/,
    withoutEffect: true,
    source: 'pve-common RESTEnvironment.pm fork_worker',
  },
  {
    code: 'PVE_LOCKED',
    text: /\b(?:VM|CT) is locked(?: \((?<lock>[\w-]+)\))?/,
    source: 'pve-guest-common AbstractConfig.pm check_lock',
  },
  {
    code: 'PVE_DIGEST',
    text: /checksum mismatch \(file change by other user\?\)|detected modified configuration - file changed by other user/,
    source: 'qemu-server API2/Qemu.pm; pve-common Tools.pm assert_if_modified',
  },
  {
    code: 'PVE_CHECKSUM',
    text: /checksum mismatch: got '/,
    source: 'pve-storage API2/Storage/Status.pm; pve-common Tools.pm download_file_from_url',
  },
  {
    code: 'PVE_AGENT_NOT_CONFIGURED',
    text: /No QEMU guest agent configured/,
    source: 'qemu-server API2/Qemu/Agent.pm',
  },
  {
    code: 'PVE_AGENT_NOT_RUNNING',
    text: /QEMU guest agent is not running|qga command '[^']+' failed - (?:got timeout|unable to connect)/,
    source: 'qemu-server Agent.pm, QMPClient.pm',
  },
  { code: 'PVE_AGENT', text: /^Agent error: /, source: 'qemu-server Agent.pm agent_cmd' },
  {
    code: 'PVE_PERMISSION',
    text: /^only root can |Only root (?:can|may) |only allowed for root@pam|missing privileges to access|needs 'root@pam'/,
    source: 'qemu-server API2/Qemu.pm, pve-container API2/LXC.pm, pve-storage Storage.pm',
  },
  {
    code: 'PVE_PROTECTED',
    text: /protection mode enabled/,
    source: 'pve-guest-common AbstractConfig.pm check_protection',
  },
  {
    code: 'PVE_TEMPLATE',
    text: /if it's a template|you can't convert a template to a template|unable to create template, because|(?:cannot|can't) (?:start|take).*template/,
    source: 'qemu-server QemuServer.pm, API2/Qemu.pm; pve-container API2/LXC/Status.pm',
  },
  {
    code: 'PVE_RUNNING',
    text: /already running|is running - destroy failed|(?:if|container|CT|VM)(?: the CT)? is running|(?:on|of) a running container|is running(?: -|$)/,
    source: 'qemu-server QemuServer.pm vm_start, API2/Qemu.pm; pve-container API2/LXC.pm',
  },
  {
    code: 'PVE_NOT_RUNNING',
    text: /\b(?:VM|CT) \d+ (?:is )?not running/,
    source: 'qemu-server QemuServer.pm; pve-container API2/LXC/Status.pm',
  },
  {
    code: 'PVE_EXISTS',
    text: /already exists|' already defined|snapshot name '[^']+' already used|is already a pool member|belongs already to pool|refusing to override existing file/,
    source:
      'qemu-server API2/Qemu.pm; pve-guest-common AbstractConfig.pm; pve-storage; pve-manager API2/Pool.pm',
  },
  {
    code: 'PVE_IN_USE',
    text: /still in use|is not empty \(|used in HA resources|used by linked clone|is attached to guest/,
    source: 'pve-storage Storage.pm vdisk_free; pve-manager API2/Pool.pm; qemu-server API2/Qemu.pm',
  },
  {
    code: 'PVE_NODE_OFFLINE',
    text: /no quorum/,
    source: 'pve-cluster Cluster.pm check_cfs_quorum',
  },
  {
    code: 'PVE_UNSUPPORTED',
    text: /(?:snapshot|Linked clone) feature .*is not (?:available|supported)|^snapshot feature is not available|shrinking disks is not supported|unable to shrink disk size|disk is already at specified size|you can't resize a cdrom|can't resize this image format|not allowed for linked clones|is not most recent snapshot/i,
    source: 'qemu-server API2/Qemu.pm; pve-container API2/LXC.pm, LXC/Config.pm; pve-storage',
  },
  {
    code: 'PVE_NOT_FOUND',
    text: /does not exist|no such (?:cluster node|task|resource|user|token|storage|VM|logical volume)|^No such storage|hostname lookup '[^']*' failed|unable to find configuration file|failed to stat '[^']+'|invalid server response: '404/i,
    source: 'pve-guest-common AbstractConfig.pm load_config; pve-storage; pve-manager; pve-cluster',
  },
  {
    code: 'PVE_STORAGE',
    text: /storage '[^']+' (?:does not support|is not (?:available|configured|online|active)|is disabled)|No space left on device|not enough (?:free )?space|wrong type '|unable to use volume|qemu-img\b|unable to create image|download failed|content type/,
    source: 'pve-storage Storage.pm, API2/Storage/Status.pm; qemu-server',
  },
  {
    code: 'PVE_PARAMETER',
    text: /^no options specified|unable to parse (?:value of|directory volume name)|value too large|SSH public key validation error|(?:required|read-only) option:? '|\(reserved name\)|no sdn vnet ID specified|'rootfs' not set|is already attached at|not a valid/,
    source:
      'qemu-server API2/Qemu.pm, Cloudinit.pm; pve-container API2/LXC.pm, LXC/Config.pm: refusals of values that come as 500',
  },
  {
    code: 'PVE_TIMEOUT',
    text: /VM quit\/powerdown failed|container did not stop|got timeout$/,
    source: 'qemu-server QemuServer.pm vm_stop; pve-container LXC.pm',
  },
];

/** The first row whose text matches, or nothing. */
export function findFailure(text: string): { readonly row: FailureRow; readonly lock?: string } | undefined {
  for (const row of FAILURE_TABLE) {
    const match = row.text.exec(text);
    if (match) return match.groups?.lock === undefined ? { row } : { row, lock: match.groups.lock };
  }
  return undefined;
}

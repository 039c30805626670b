/** One row of an error table: what the code means, and what its reader can do. `docs/errors.md` is generated from these. */
export interface ErrorCodeRow {
  readonly meaning: string;
  readonly action: string;
}

/** Every `code` that a `PhoenixError` can carry. */
export const PHOENIX_ERROR_CODES = {
  PHOENIX_CONFIG: {
    meaning: 'The configuration has problems; all of them are listed with file, line and column.',
    action: 'Correct the lines named; `phoenix validate` shows them again without touching anything.',
  },
  PHOENIX_CONFIG_NOT_FOUND: {
    meaning: 'No configuration file was found, or a named one does not exist.',
    action: 'Name the file with `--config` or `PHOENIX_CONFIG`, or run where it stands.',
  },
  PHOENIX_CONFIG_UNREADABLE: {
    meaning: 'A configuration file exists and cannot be read.',
    action: 'Check its permissions and that it is a file.',
  },
  PHOENIX_SECRET: {
    meaning: 'A secret reference could not be resolved: the variable, file or command is missing or failed.',
    action: 'Set the variable, create the file or repair the command that the message names.',
  },
  PHOENIX_UNKNOWN_GUEST: {
    meaning: 'A vmid was named that the configuration does not declare.',
    action: 'Name a declared vmid; `phoenix status --all` lists them.',
  },
  PHOENIX_ALREADY_DECLARED: {
    meaning: 'A guest that is to be imported is declared already.',
    action: 'Leave it out, or ask for it with `--include-declared`.',
  },
  PHOENIX_NOT_OURS: {
    meaning: "The vmid belongs to a guest that does not carry Phoenix' marker; it was not touched.",
    action: 'Give the guest another vmid, or take the existing one over with `--adopt`.',
  },
  PHOENIX_MARKER_NEWER: {
    meaning: 'The guest is managed by a newer Phoenix, whose marker this one cannot read.',
    action: 'Update Phoenix.',
  },
  PHOENIX_DESCRIPTION_TOO_LONG: {
    meaning: 'The description with the marker is longer than Proxmox VE takes.',
    action: 'Shorten `description`.',
  },
  PHOENIX_RELEASE: {
    meaning: 'The node runs a Proxmox VE that is too old.',
    action: 'Update the node to 8.4 or later.',
  },
  PHOENIX_NODE_MISSING: {
    meaning: 'The declared node does not exist or is not online.',
    action: 'Correct `node`, or start that node.',
  },
  PHOENIX_STORAGE_MISSING: {
    meaning: 'A storage does not exist on the node, is not active, or cannot hold what it is wanted for.',
    action: "Correct the key that the message names, or the storage's content types.",
  },
  PHOENIX_BRIDGE_MISSING: {
    meaning: 'The node does not have the declared bridge.',
    action: 'Correct `network_bridge`, or create the bridge.',
  },
  PHOENIX_CLONE_SOURCE_MISSING: {
    meaning: 'The clone source neither exists on the cluster nor is declared, or is of another kind.',
    action: 'Correct `clone_from_vmid`, or declare the source.',
  },
  PHOENIX_CLONE_SOURCE_RUNNING: {
    meaning: 'A container is to be cloned from one that runs, without a snapshot to clone.',
    action: 'Set `is_template` or `template_snapshot_name` on the source, or stop it.',
  },
  PHOENIX_NO_SNAPSHOTS: {
    meaning: 'Snapshots are declared for a container on a storage that cannot hold snapshots of containers.',
    action: 'Put the container on a ZFS, LVM-thin, Btrfs or Ceph storage, or take the key out.',
  },
  PHOENIX_REPLACE_NEEDED: {
    meaning: 'What is declared can only be reached by deleting the guest and making it anew.',
    action: 'Delete the guest and orchestrate again, or change the declaration back.',
  },
  PHOENIX_PLAN_STALE: {
    meaning: 'The configuration or the cluster changed since the plan was made; nothing was done.',
    action: 'Make the plan anew, look at it, and apply that.',
  },
  PHOENIX_PLAN_INVALID: {
    meaning: 'A saved plan cannot be read, or was edited.',
    action: 'Make the plan anew.',
  },
  PHOENIX_GUEST_GONE: {
    meaning: 'A guest disappeared while Phoenix worked on it.',
    action: 'Run again to make it anew.',
  },
  PHOENIX_GUEST_LOCKED: {
    meaning: 'A guest stayed locked longer than Phoenix waits (`timeouts.lock`, default 5 minutes).',
    action: 'Wait for the operation that holds it; if it died, unlock the guest on the node.',
  },
  PHOENIX_CONTENDED: {
    meaning: 'Somebody else changed a guest again and again while Phoenix was about to change it.',
    action: 'Let one of the two finish, then run again.',
  },
  PHOENIX_RESERVED: {
    meaning: 'The vmid is reserved by a clone that is not finished.',
    action: 'Wait for it, or remove the reservation on the node.',
  },
  PHOENIX_IMAGE: {
    meaning: 'What is declared as an image is no disk image.',
    action: 'Correct `template_image`.',
  },
  PHOENIX_IMAGE_UNREACHABLE: {
    meaning: 'An image or its checksum list cannot be fetched.',
    action: 'Check the URL and the network, or name a mirror with PHOENIX_IMAGE_MIRROR.',
  },
  PHOENIX_IMAGE_CHECKSUM: {
    meaning: "An image is not what its publisher's checksum promises, or the list has no checksum of it.",
    action: 'Try again, or another mirror.',
  },
  PHOENIX_AGENT_OFF: {
    meaning: 'The machine runs without a guest agent device.',
    action: 'Restart it through Phoenix or Proxmox VE; a restart from inside does not add the device.',
  },
  PHOENIX_AGENT_TIMEOUT: {
    meaning: 'The guest agent did not answer in time.',
    action: "Look at the guest's console; `timeouts.agent` gives it longer.",
  },
  PHOENIX_TERMINAL: {
    meaning:
      'The terminal of a container gave no shell, or lost bytes because somebody else was attached to it.',
    action: 'Close other consoles of the container; restart it once when `cmode` was changed.',
  },
  PHOENIX_TERMINAL_RELEASE: {
    meaning: 'The Proxmox VE of the node is too old to let an API token into the terminal of a container.',
    action: 'Update the node, or set `container_shell` to `{ "kind": "ssh" }`: see docs/containers.md.',
  },
  PHOENIX_SSH: {
    meaning:
      '`container_shell` is SSH, and `ssh`, the login, the host key or `pct` on the node is not as needed.',
    action: 'Follow the hint; `ssh` with the same user and key must work without any question.',
  },
  PHOENIX_GUEST_FILE: {
    meaning: 'A file in the guest could not be read or written.',
    action: 'Check the path and the free space in the guest.',
  },
  PHOENIX_GUEST_STOPPED: {
    meaning: 'The guest stopped, or was stopped, while Phoenix waited for it or worked in it.',
    action: 'Find out who stopped it, or look at its console; then run again.',
  },
  PHOENIX_CLOUD_INIT_FAILED: {
    meaning: 'cloud-init ended with an error in the guest.',
    action: 'Read /var/log/cloud-init-output.log in the guest.',
  },
  PHOENIX_CLOUD_INIT_TIMEOUT: {
    meaning: 'cloud-init was not done in time.',
    action: '`timeouts.cloud_init` gives it longer; running again continues.',
  },
  PHOENIX_HEALTH_CHECK: {
    meaning: 'The declared health check failed on every attempt.',
    action: 'Run its command in the guest by hand.',
  },
  PHOENIX_SEAL_FAILED: {
    meaning: 'Removing the identity of a machine before its conversion to a template failed.',
    action: 'Look at the lines shown, correct the cause in the guest and run again.',
  },
  PHOENIX_PROTECTED: {
    meaning: 'The guest is protected against removal.',
    action: 'Set `protection` to false and orchestrate it, then delete it.',
  },
  PHOENIX_HAS_CLONES: {
    meaning: 'A template cannot be deleted while linked clones use its disk.',
    action: 'Delete the linked clones first.',
  },
  GUEST_UNREACHABLE: {
    meaning: 'The guest does not answer for now.',
    action: 'Wait for the guest, or look at its console.',
  },
  PHOENIX_INTERNAL: {
    meaning: 'A bug in Phoenix.',
    action: 'Report it with the stack.',
  },
} as const satisfies Record<string, ErrorCodeRow>;

export type PhoenixErrorCode = keyof typeof PHOENIX_ERROR_CODES;

/** One row of docs/errors.md. */
export interface ErrorCodeRow {
  readonly code: string;
  /** What happened, in one sentence. */
  readonly meaning: string;
  /** What a person does about it. */
  readonly hint: string;
  /** Where the fact comes from: the layer that decides, or the PVE texts behind it. */
  readonly source: string;
}

/** Every code a {@link ProxmoxError} can carry, with its meaning, a hint and the source. */
export const PROXMOX_ERROR_CODES = [
  {
    code: 'PVE_AUTH',
    meaning: 'Proxmox VE did not accept the credentials.',
    hint: 'Check the API token (user@realm!name=secret), or user, realm and password; a deleted or expired token looks the same.',
    source:
      'HTTP 401: `No ticket`, `Authentication failed!`, `authentication failure`, `invalid token value!`, `Permission denied - invalid csrf token`',
  },
  {
    code: 'PVE_TFA',
    meaning: 'The login needs a second factor that was not given, or not accepted.',
    hint: 'Give `secondFactor` with a TOTP or recovery code, or use an API token, which needs none.',
    source: 'POST /access/ticket: `NeedTFA`',
  },
  {
    code: 'PVE_PERMISSION',
    meaning: 'The user or token lacks a privilege for this call.',
    hint: 'Grant the privilege named in `permission` on the path named there; some settings only root@pam itself may change, not even its token.',
    source: 'HTTP 403: `Permission check failed (PATH, PRIVILEGE)`; HTTP 500: `only root can set …`',
  },
  {
    code: 'PVE_PARAMETER',
    meaning: 'A parameter is missing, unknown or out of range; `errors` says which and why.',
    hint: 'Correct the parameters named in `errors`.',
    source: 'HTTP 400: `Parameter verification failed.`; also the check of this client before it sends',
  },
  {
    code: 'PVE_NOT_FOUND',
    meaning: 'The guest, volume, storage, pool, snapshot, node or task does not exist.',
    hint: 'Look for it with listResources: a guest may have moved to another node, where its calls must go.',
    source:
      'HTTP 500: `Configuration file … does not exist`, `storage … does not exist`, `hostname lookup … failed`; HTTP 400: `no such task`',
  },
  {
    code: 'PVE_EXISTS',
    meaning: 'An object of this name or id exists already.',
    hint: 'Choose another id, or look at what is there.',
    source:
      'HTTP 500: `… already exists`, `config file already exists`, `… already defined`, `snapshot name … already used`',
  },
  {
    code: 'PVE_LOCKED',
    meaning: 'The guest carries a lock of an operation under way, or of one that died.',
    hint: 'Wait for the operation named in `lock`; a lock that stays behind is removed on the node by `qm unlock` or `pct unlock`.',
    source: 'HTTP 500 or task: `VM is locked (backup)`, `CT is locked (disk)`',
  },
  {
    code: 'PVE_LOCK_TIMEOUT',
    meaning: 'Another operation held the lock file too long; nothing was done.',
    hint: 'Try again when the other operation has ended.',
    source: "HTTP 500 or task: `can't lock file … - got timeout`, `cfs-lock … got lock request timeout`",
  },
  {
    code: 'PVE_DIGEST',
    meaning: 'The configuration was changed by somebody else since it was read.',
    hint: 'Read the configuration again, decide again, and send the new digest.',
    source: 'HTTP 500: `checksum mismatch (file change by other user?)`, `detected modified configuration …`',
  },
  {
    code: 'PVE_RUNNING',
    meaning: 'The guest runs, and the operation needs it stopped.',
    hint: 'Shut the guest down first.',
    source: 'HTTP 500 or task: `VM 100 already running`, `VM 100 is running - destroy failed`',
  },
  {
    code: 'PVE_NOT_RUNNING',
    meaning: 'The guest is stopped, and the operation needs it running.',
    hint: 'Start the guest first.',
    source: 'HTTP 500: `VM 100 not running`, `VM 100 is not running`',
  },
  {
    code: 'PVE_TEMPLATE',
    meaning: 'The guest is a template, or cannot become one as it stands.',
    hint: 'Work on a clone of the template; remove snapshots before converting.',
    source:
      "HTTP 500 or task: `you can't start a vm if it's a template`, `unable to create template, because VM contains snapshots`",
  },
  {
    code: 'PVE_PROTECTED',
    meaning: 'The guest is protected against removal.',
    hint: 'Set `protection` to 0 first, if it is meant to go.',
    source: "HTTP 500: `can't remove VM 100 - protection mode enabled`",
  },
  {
    code: 'PVE_IN_USE',
    meaning: 'Something still uses the object.',
    hint: 'Remove what depends on it first, for instance the linked clones of a template.',
    source:
      'Task: `base volume … is still in use by linked cloned`; HTTP 500: `… is not empty`, `used in HA resources`',
  },
  {
    code: 'PVE_UNSUPPORTED',
    meaning: 'The storage, image format or guest cannot do this.',
    hint: 'Use a storage that can, or the full form of the operation (a full clone instead of a linked one).',
    source:
      'HTTP 500 or task: `snapshot feature is not available`, `Linked clone feature is not supported …`, `shrinking disks is not supported`',
  },
  {
    code: 'PVE_STORAGE',
    meaning: 'The storage refused or failed: content type, space, file, or availability.',
    hint: 'Check that the storage is active on this node, lists the content type, and has room.',
    source:
      'HTTP 500 or task: `storage … does not support …`, `storage … is not available on node …`, `No space left on device`',
  },
  {
    code: 'PVE_CHECKSUM',
    meaning: 'A file is not what its checksum promised.',
    hint: 'Fetch the file again, or correct the expected checksum.',
    source: "Task: `checksum mismatch: got 'A' != expect 'B'`; also this client while it uploads",
  },
  {
    code: 'PVE_AGENT_NOT_CONFIGURED',
    meaning: 'The machine has no QEMU guest agent enabled.',
    hint: 'Set `agent: 1` and stop and start the machine: the agent needs a device that only a cold start adds.',
    source: 'HTTP 500: `No QEMU guest agent configured`',
  },
  {
    code: 'PVE_AGENT_NOT_RUNNING',
    meaning: 'The guest agent does not answer: the guest boots, has no agent, or the agent is busy.',
    hint: 'Wait and try again; if it stays so, install qemu-guest-agent in the guest and start the machine anew.',
    source: 'HTTP 500: `QEMU guest agent is not running`, `… qga command … failed - got timeout`',
  },
  {
    code: 'PVE_AGENT',
    meaning: 'The guest agent refused or failed the command.',
    hint: 'Read the message: it is the agent’s own, about a file, program or process in the guest.',
    source: 'HTTP 500: `Agent error: …`; or an `error` object inside a 200 answer',
  },
  {
    code: 'PVE_NODE_OFFLINE',
    meaning: 'The node that owns the object could not be reached by the node that took the call.',
    hint: 'Check that the node is up and in the cluster; try again later.',
    source: 'HTTP 595 to 599 on a reading call; `cluster not ready - no quorum?`',
  },
  {
    code: 'PVE_OUTCOME_UNKNOWN',
    meaning: 'A changing call got no clear answer: it may or may not have happened.',
    hint: 'Look before doing it again: the task list of the node (findTask) says whether a task was started, and the configuration shows what is in effect.',
    source: 'HTTP 595 to 599, or a connection cut after a changing call was sent',
  },
  {
    code: 'PVE_UNREACHABLE',
    meaning: 'No endpoint could be reached; nothing was sent.',
    hint: 'Check URL and port (8006), name resolution, network and firewall.',
    source: 'connection refused, no route, name not found, connect timeout',
  },
  {
    code: 'PVE_TLS_FINGERPRINT',
    meaning: 'The endpoint shows another certificate than the pinned one; nothing was sent.',
    hint: 'If the certificate was renewed, compare the new fingerprint on the node (`pvenode cert info`) and pin it; otherwise somebody stands in between.',
    source: 'TLS: SHA-256 of the certificate differs',
  },
  {
    code: 'PVE_TLS',
    meaning: 'The TLS connection could not be trusted or established; nothing was sent.',
    hint: 'Pin the fingerprint of the certificate, or give the CA file of the cluster (/etc/pve/pve-root-ca.pem).',
    source: 'TLS: self-signed or expired certificate, name mismatch, protocol error',
  },
  {
    code: 'PVE_TIMEOUT',
    meaning: 'A time limit passed before the answer or the end came.',
    hint: 'Raise the time limit if the node is merely slow; what was started goes on.',
    source: 'deadline of the operation class, or `timeoutMs`; task: `VM quit/powerdown failed - got timeout`',
  },
  {
    code: 'PVE_TASK_FAILED',
    meaning: 'A task ended with an error; `exitStatus` and `logTail` say why.',
    hint: 'Read the exit status and the last lines of the log.',
    source: 'task exit status other than `OK` and `WARNINGS: N`',
  },
  {
    code: 'PVE_NOT_IMPLEMENTED',
    meaning: 'This Proxmox VE does not know the call, or not in this form.',
    hint: 'Check the release of the node: the call may have come with a later one.',
    source: "HTTP 501: `Method 'GET /x' not implemented`; HTTP 506",
  },
  {
    code: 'PVE_SERVER',
    meaning: 'Proxmox VE failed with a text that has no class of its own.',
    hint: 'Read the message: it is the server’s own.',
    source: 'HTTP 500 with any other text',
  },
  {
    code: 'PVE_ANSWER',
    meaning: 'What answered does not speak the Proxmox VE API.',
    hint: 'Check the URL: it should be https://NODE:8006; a reverse proxy must pass /api2/json on.',
    source: 'an answer that is not JSON, or without `data`',
  },
  {
    code: 'PVE_TERMINAL',
    meaning: 'A terminal could not be opened, or broke.',
    hint: 'Check that the guest runs; a token’s terminal needs Proxmox VE 8.4 or 9.0 with updates of April 2026, before that only a ticket works.',
    source: 'websocket of vncwebsocket: refused, closed without `OK`, broken frame',
  },
  {
    code: 'PVE_OPTIONS',
    meaning: 'The options given to this client make no sense.',
    hint: 'Correct the option that the message names.',
    source: 'createProxmoxClient, property strings, transfers',
  },
] as const satisfies readonly ErrorCodeRow[];

/** The literal codes of {@link PROXMOX_ERROR_CODES}. */
export type ProxmoxErrorCode = (typeof PROXMOX_ERROR_CODES)[number]['code'];

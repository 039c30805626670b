import { z } from 'zod';
import {
  Duration,
  GuestName,
  GuestReference,
  JsonRecord,
  NodeName,
  NonEmpty,
  PoolName,
  Secret,
  SecretText,
  SnapshotName,
  StorageName,
  TagName,
} from './primitives.js';

export const Feature = z
  .union([
    NonEmpty,
    z.strictObject({
      name: NonEmpty.meta({ description: 'Name of the feature.' }),
      version: NonEmpty.optional().meta({
        description: 'Version of the pack that is wanted; default: the one that is there.',
      }),
      options: JsonRecord.optional().meta({
        description: 'Options of the pack; its own schema checks them. Values may be secret references.',
      }),
    }),
  ])
  .meta({ description: 'A feature: its name, or its name with options.' });

export const HealthCheck = z
  .strictObject({
    command: z.union([NonEmpty, z.array(NonEmpty).min(1)]).meta({
      description:
        'Command that ends with 0 when the guest is well: a line for `/bin/sh`, or a program and its arguments.',
    }),
    retries: z
      .int()
      .min(0)
      .max(1000)
      .optional()
      .meta({ description: 'Attempts after the first; default 3.' }),
    interval: Duration.optional().meta({ description: 'Time between attempts; default 10 seconds.' }),
    timeout: Duration.optional().meta({ description: 'Time that one attempt may take; default 30 seconds.' }),
  })
  .meta({ description: 'A command that tells whether the guest works.' });

export const Timeouts = z
  .strictObject({
    agent: Duration.optional().meta({
      description: 'Until the guest agent (or the container’s shell) answers.',
    }),
    cloud_init: Duration.optional().meta({ description: 'Until cloud-init is done.' }),
    feature: Duration.optional().meta({ description: 'One step of a feature.' }),
    shutdown: Duration.optional().meta({ description: 'An orderly shutdown, before it is forced.' }),
    download: Duration.optional().meta({ description: 'Fetching an image.' }),
    clone: Duration.optional().meta({ description: 'Copying disks.' }),
    lock: Duration.optional().meta({ description: 'Waiting for a lock that somebody else holds.' }),
  })
  .meta({ description: 'How long steps may take; in seconds, or as durations.' });

export const FirewallRule = z.strictObject({
  type: z.enum(['in', 'out', 'group']).meta({ description: 'Direction; `group` inserts a security group.' }),
  action: NonEmpty.meta({ description: '`ACCEPT`, `DROP`, `REJECT`, or the name of a security group.' }),
  source: NonEmpty.optional().meta({ description: 'Address, network, IP set or alias.' }),
  dest: NonEmpty.optional().meta({ description: 'Address, network, IP set or alias.' }),
  proto: NonEmpty.optional().meta({ description: 'Protocol, such as `tcp`.' }),
  port: z
    .union([z.int().min(0).max(65_535), NonEmpty])
    .transform(String)
    .optional()
    .meta({ description: 'Destination port, range `80:85`, or list `80,443`.' }),
  sport: z
    .union([z.int().min(0).max(65_535), NonEmpty])
    .transform(String)
    .optional()
    .meta({ description: 'Source port, range or list.' }),
  macro: NonEmpty.optional().meta({ description: 'Macro of Proxmox VE, such as `SSH`.' }),
  iface: NonEmpty.optional().meta({ description: 'Interface, such as `net0`.' }),
  comment: z.string().optional().meta({ description: 'Remark.' }),
  log: z
    .enum(['emerg', 'alert', 'crit', 'err', 'warning', 'notice', 'info', 'debug', 'nolog'])
    .optional()
    .meta({ description: 'Log level.' }),
  enabled: z.boolean().optional().meta({ description: 'Default true.' }),
});

const Policy = z.enum(['ACCEPT', 'DROP', 'REJECT']);

export const Firewall = z
  .strictObject({
    enabled: z.boolean().meta({ description: 'Whether the guest’s firewall is on.' }),
    policy_in: Policy.optional().meta({ description: 'What happens to incoming traffic without a rule.' }),
    policy_out: Policy.optional().meta({ description: 'What happens to outgoing traffic without a rule.' }),
    rules: z.array(FirewallRule).optional().meta({ description: 'The rules, first match first.' }),
  })
  .meta({ description: 'The firewall of Proxmox VE for this guest.' });

const AbsolutePath = z.string().regex(/^\/[^\0]*$/, 'an absolute path');

const NfsVolume = z.strictObject({
  type: z.literal('nfs').optional().meta({ description: '`nfs`.' }),
  name: NonEmpty.optional().meta({ description: 'Name, for people.' }),
  server: NonEmpty.meta({ description: 'NFS server: name or address.' }),
  path: AbsolutePath.meta({ description: 'Directory on the server.' }),
  mount_point: AbsolutePath.meta({ description: 'Directory in the guest.' }),
  options: NonEmpty.optional().meta({ description: 'Mount options; default `defaults,_netdev,nofail`.' }),
});

const DiskVolume = z.strictObject({
  type: z.literal('disk').optional().meta({ description: '`disk`.' }),
  name: NonEmpty.optional().meta({ description: 'Name, for people.' }),
  pool: StorageName.optional().meta({ description: 'Storage; default `storage_pool`.' }),
  size_gb: z.number().positive().max(131_072).meta({ description: 'Size in GiB.' }),
  mount_point: AbsolutePath.meta({ description: 'Directory in the guest.' }),
});

export const Volume = z
  .union([NfsVolume, DiskVolume])
  .meta({ description: 'A directory of an NFS server, or a disk of its own, mounted in the guest.' });

export const UserConfig = z
  .strictObject({
    username: z
      .string()
      .regex(/^[a-z_][a-z0-9_-]{0,30}\$?$/, 'a user name: lower-case letters, digits, _ and -, at most 32')
      .meta({ description: 'Name of the user that is made on first boot.' }),
    comment: z
      .string()
      .regex(/^[^:\n\r\0]*$/, 'text without colons and line breaks')
      .optional()
      .meta({ description: 'Full name of the user.' }),
    ssh_keys: z
      .array(
        z.union([
          z
            .string()
            .refine((key) => !key.includes('PRIVATE KEY'), 'a public key; this is a private one')
            .refine(
              (key) =>
                /^\s*(?:[^\s#].*\s)?(?:ssh-|ecdsa-sha2-|sk-)[a-z0-9@.-]+\s+[A-Za-z0-9+/=]{16,}(?:\s[^\n\r]*)?$/.test(
                  key.trimEnd(),
                ),
              'a public key in one line, such as ssh-ed25519 AAAA… you@example.org',
            ),
          Secret,
        ]),
      )
      .optional()
      .meta({
        description:
          'Public SSH keys that may log in; `{"$secret": "file:~/.ssh/id_ed25519.pub"}` reads one from a file.',
      }),
    password: SecretText.optional().meta({
      description:
        'Password as a secret reference; hashed before it leaves. A text that is a crypt hash (`$6$…`) is taken as it is.',
    }),
    groups: z.array(NonEmpty).optional().meta({ description: 'Further groups of the user.' }),
    shell: AbsolutePath.optional().meta({ description: 'Login shell; default `/bin/bash`.' }),
  })
  .meta({ description: 'The user that is made on first boot.' });

const Snapshots = z
  .strictObject({
    'pre-features': SnapshotName.optional().meta({
      description: 'Name of a snapshot taken before the features.',
    }),
    'post-features': SnapshotName.optional().meta({
      description: 'Name of a snapshot taken after the features.',
    }),
    pre_features: SnapshotName.optional().meta({ description: 'The same as `pre-features`.' }),
    post_features: SnapshotName.optional().meta({ description: 'The same as `post-features`.' }),
  })
  .meta({ description: 'Snapshots around the features.' });

export const PveOptions = z
  .record(
    z.string().regex(/^[a-z][a-z0-9_-]*$/, 'an option of Proxmox VE, such as kvm'),
    z.union([z.string(), z.number(), z.boolean()]),
  )
  .meta({
    description: 'Options of Proxmox VE that have no key here, handed on as they are.',
    examples: [{ kvm: 0 }],
  });

/** Keys that machines and containers share. */
export const guestKeys = {
  name: GuestName.meta({ description: 'Name of the guest, and its host name.' }),
  node: z
    .union([NodeName, z.array(NodeName).min(1)])
    .optional()
    .meta({
      description: 'Where the guest is made: a node, several in order of preference, or `any` (the default).',
    }),
  cores: z.int().min(1).max(8192).optional().meta({ description: 'CPU cores (per socket, for machines).' }),
  memory_mb: z.int().min(16).max(4_178_944).optional().meta({ description: 'Memory in MiB.' }),
  storage_pool: StorageName.optional().meta({ description: 'Storage of the disk.' }),
  features: z
    .array(Feature)
    .optional()
    .meta({ description: 'Features, installed in this order where their packs allow it.' }),
  is_template: z
    .boolean()
    .optional()
    .meta({ description: 'Seal the guest and convert it to a template when all else is done.' }),
  template_snapshot_name: SnapshotName.optional().meta({
    description:
      'Snapshot taken when the guest is provisioned; clones of this guest are made from it. A template is that state itself and gets none.',
  }),
  snapshots: Snapshots.optional(),
  dependencies: z
    .array(GuestReference)
    .optional()
    .meta({ description: 'Guests that must be up before this one.' }),
  tags: z.array(TagName).optional().meta({ description: 'Tags; `phoenix` is added.' }),
  pool: PoolName.optional().meta({ description: 'Resource pool.' }),
  description: z.string().max(6000).optional().meta({ description: 'Notes of the guest, in Markdown.' }),
  start_at_boot: z.boolean().optional().meta({ description: 'Start the guest with its node.' }),
  boot_order: z.int().min(0).optional().meta({ description: 'Place in the start order of the node.' }),
  boot_delay: z
    .int()
    .min(0)
    .optional()
    .meta({ description: 'Seconds to wait before the next guest in that order.' }),
  leave_stopped: z.boolean().optional().meta({
    description:
      'Leave the guest off when it is found off; default false, which starts it. Features that have to run start it all the same.',
  }),
  reboot: z.enum(['never', 'if-pending']).optional().meta({
    description:
      'Whether the guest is shut down and started when changes wait for that; default `never`. The flag `--reboot` overrules it.',
  }),
  protection: z.boolean().optional().meta({ description: 'Refuse removal of the guest and its disks.' }),
  firewall: Firewall.optional(),
  volumes: z.array(Volume).optional().meta({ description: 'Directories and disks mounted in the guest.' }),
  health_check: HealthCheck.optional(),
  timeouts: Timeouts.optional(),
  user_config: UserConfig.optional(),
  pve_options: PveOptions.optional(),
};

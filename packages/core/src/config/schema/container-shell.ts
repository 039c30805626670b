import { z } from 'zod';
import { Duration, NodeName, NonEmpty } from './primitives.js';

/** A host or user is an argument of `ssh`: nothing that it could take for an option or for another user. */
const HostName = z
  .string()
  .max(253)
  .regex(
    /^[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?$|^[0-9a-fA-F]*:[0-9a-fA-F:]+$/,
    'a host name or an IP address, without user and port',
  );
const UserName = z
  .string()
  .max(32)
  .regex(/^[A-Za-z_][A-Za-z0-9_.-]*\$?$/, 'the name of a user');
const Port = z.int().min(1).max(65_535);

const access = {
  host: HostName.optional().meta({ description: 'Where `ssh` reaches the node; default its name.' }),
  port: Port.optional().meta({
    description: 'Port of the SSH server; default what `ssh` itself has configured, else 22.',
  }),
  user: UserName.optional().meta({ description: 'Who logs in; default `root`.' }),
  identity_file: NonEmpty.optional().meta({
    description: 'Private key, relative to this file; default the keys and the agent that `ssh` itself uses.',
  }),
  known_hosts_file: NonEmpty.optional().meta({
    description:
      'Known host keys, relative to this file; default those of `ssh` itself. Keys are always checked.',
  }),
  sudo: z
    .boolean()
    .optional()
    .meta({ description: 'Run `pct` through `sudo -n`, for a user other than root; default false.' }),
};

/** `container_shell`: the way into containers. */
export const ContainerShell = z
  .union([
    z
      .strictObject({
        kind: z.literal('ssh').meta({
          description:
            '`ssh`: `pct exec` on the node, over the `ssh` of this machine. `terminal`, the default: the terminal of Proxmox VE, with none of the keys below.',
        }),
        ...access,
        connect_timeout: Duration.optional().meta({
          description: 'Time to reach the SSH server; default 10 seconds.',
        }),
        nodes: z.record(NodeName, z.strictObject(access)).optional().meta({
          description:
            'What differs for single nodes, by their names: `host`, `port`, `user`, `identity_file`, `known_hosts_file`, `sudo`.',
        }),
      })
      .meta({ description: '`pct exec` on the node over SSH.' }),
    z
      .strictObject({
        kind: z.literal('terminal').meta({ description: 'The terminal of Proxmox VE, over its API alone.' }),
      })
      .meta({ description: 'The terminal of Proxmox VE: the default.' }),
  ])
  .meta({
    description:
      'The way into containers for features, health checks and `phoenix exec`; default `{ "kind": "terminal" }`. One for all files.',
  });

import { z } from 'zod';
import { guestKeys } from './guest.js';
import { ContainerNetwork } from './network.js';
import { BridgeName, GuestReference, MacAddress, NonEmpty, StorageName } from './primitives.js';

const MountPoint = z
  .strictObject({
    container_path: NonEmpty.optional().meta({ description: 'Directory in the container.' }),
    mount_point: NonEmpty.optional().meta({ description: 'The same as `container_path`.' }),
    host_path: NonEmpty.optional().meta({
      description:
        'Directory of the node to bind. Proxmox VE lets only root@pam with a password do this; the plan says so.',
    }),
    volume: NonEmpty.optional().meta({ description: 'Volume id that exists.' }),
    storage_pool: StorageName.optional().meta({
      description: 'Storage of a new volume; default that of the container.',
    }),
    size_gb: z
      .number()
      .positive()
      .max(131_072)
      .optional()
      .meta({ description: 'Size of a new volume in GiB.' }),
    read_only: z.boolean().optional().meta({ description: 'Mount read-only.' }),
    backup: z.boolean().optional().meta({ description: 'Include the volume in backups.' }),
    owner_uid: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Owner of the directory inside the container.' }),
    owner_gid: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Group of the directory inside the container.' }),
    options: NonEmpty.optional().meta({ description: 'Mount options of Proxmox VE, such as `noatime`.' }),
  })
  .meta({ description: 'A further volume or directory of a container.' });

const hardware = {
  ...guestKeys,
  swap_mb: z.int().min(0).optional().meta({ description: 'Swap in MiB.' }),
  storage_size_gb: z
    .number()
    .positive()
    .max(131_072)
    .optional()
    .meta({ description: 'Size of the root file system in GiB. It only grows.' }),
  network_bridge: BridgeName.optional().meta({ description: 'Bridge of interfaces that name none.' }),
  network_config: z
    .union([ContainerNetwork, z.array(ContainerNetwork).max(32)])
    .optional()
    .meta({ description: 'The network interface, or several in an array.' }),
  unprivileged: z
    .boolean()
    .optional()
    .meta({ description: 'Whether root in the container is nobody on the node; default true.' }),
  nesting: z
    .boolean()
    .optional()
    .meta({ description: 'Allow nesting (the only feature flag that an API token may set).' }),
  mount_points: z.array(MountPoint).optional().meta({ description: 'Further volumes and directories.' }),
  image_storage: StorageName.optional().meta({
    description:
      'Storage for templates (content `vztmpl`); default the first by name of the node’s active ones, `local` preferred.',
  }),
  lxc_options: z.array(NonEmpty).optional().meta({
    description:
      'Raw lines `lxc.key=value`. No API sets them; the plan lists them for you to set on the node.',
  }),
  pct_options: z.array(NonEmpty).optional().meta({
    description:
      'Options of `pct set`, such as `nesting=1` or `--cpulimit 2`. What a token may not set is said in the plan.',
  }),
};

/** One value of `lxc_configs`; its key is the id. */
export const Container = z
  .strictObject({
    ...hardware,
    template: NonEmpty.optional().meta({
      description:
        'Template: a file name of the index of Proxmox VE, a URL, a local path, or a volume id `storage:vztmpl/x.tar.zst`.',
    }),
    mac_address: MacAddress.optional().meta({ description: 'MAC address of the first interface.' }),
    clone_from_ctid: GuestReference.optional().meta({
      description: 'Container or template that this one is cloned from.',
    }),
    clone_type: z.enum(['full', 'linked']).optional().meta({ description: 'Kind of clone; default `full`.' }),
  })
  .meta({ description: 'A container.' });

/** `lxc_defaults`: laid under each container. */
export const ContainerDefaults = z
  .strictObject({
    template: NonEmpty.optional().meta({
      description: 'Template of containers that name neither one nor a clone source.',
    }),
    ...hardware,
    clone_type: z.enum(['full', 'linked']).optional().meta({ description: 'Kind of clone; default `full`.' }),
  })
  .omit({ name: true })
  .partial()
  .meta({ description: 'Values for all containers; objects are merged key by key, arrays are replaced.' });

export type ContainerInput = z.output<typeof Container>;

import { z } from 'zod';
import { guestKeys } from './guest.js';
import { MachineNetwork } from './network.js';
import { BridgeName, GuestId, GuestReference, NonEmpty, StorageName } from './primitives.js';

const DiskSize = z.number().positive().max(131_072);

const ExtraDisk = z.strictObject({
  slot: z
    .string()
    .regex(
      /^(?:scsi(?:[1-9]|[12]\d|30)|virtio(?:\d|1[0-5])|sata[0-5])$/,
      'a slot such as scsi1, virtio0 or sata0',
    )
    .optional()
    .meta({ description: 'Where the disk is attached; default the next free of `scsi1` … `scsi30`.' }),
  size_gb: DiskSize.meta({ description: 'Size in GiB; only grows.' }),
  storage_pool: StorageName.optional().meta({ description: 'Storage; default that of the machine.' }),
  format: z.enum(['raw', 'qcow2', 'vmdk']).optional().meta({ description: 'Format; default the storage’s.' }),
  ssd: z.boolean().optional().meta({ description: 'Show the disk as a solid-state one.' }),
  discard: z.boolean().optional().meta({ description: 'Hand freed blocks back to the storage.' }),
});

/** Keys of a machine that may stand in `vm_defaults` too. */
const hardware = {
  ...guestKeys,
  sockets: z.int().min(1).max(4).optional().meta({ description: 'CPU sockets; default 1.' }),
  cpu_type: NonEmpty.optional().meta({ description: 'CPU model, such as `host` or `x86-64-v2-AES`.' }),
  bios: z.enum(['seabios', 'ovmf']).optional().meta({ description: 'Firmware; `ovmf` is UEFI.' }),
  machine: NonEmpty.optional().meta({ description: 'Machine type, such as `q35`.' }),
  disk_size_gb: DiskSize.optional().meta({
    description: 'Size of the first disk in GiB. A disk only grows.',
  }),
  network_bridge: BridgeName.optional().meta({ description: 'Bridge of interfaces that name none.' }),
  network_config: z
    .union([MachineNetwork, z.array(MachineNetwork).max(32)])
    .optional()
    .meta({ description: 'The network interface, or several in an array.' }),
  extra_disks: z
    .array(ExtraDisk)
    .optional()
    .meta({ description: 'Further disks, left to the guest as they are.' }),
  image_storage: StorageName.optional().meta({
    description:
      'Storage for images (content `import`); default the first by name of the node’s active ones, `local` preferred.',
  }),
  seed_storage: StorageName.optional().meta({
    description:
      'Storage for seeds (content `iso`); default the first by name of the node’s active ones, `local` preferred.',
  }),
  user_data_template: NonEmpty.optional().meta({
    description:
      'Template of the user-data, relative to this file; default `user-data.template.yml` beside it, else the built-in one.',
  }),
  qm_options: z
    .array(NonEmpty)
    .optional()
    .meta({ description: 'Options of `qm set` as the first users wrote them, such as `--vga qxl`.' }),
};

/** One entry of `vms`. */
export const Machine = z
  .strictObject({
    vmid: GuestId,
    ...hardware,
    template_image: NonEmpty.optional().meta({
      description:
        'Cloud image: a name of the catalogue, an https URL, a local path, or a volume id `storage:import/x.qcow2`.',
      examples: ['noble-server-cloudimg-amd64.img'],
    }),
    clone_from_vmid: GuestReference.optional().meta({
      description: 'Machine or template that this one is cloned from.',
    }),
    clone_type: z.enum(['full', 'linked']).optional().meta({ description: 'Kind of clone; default `full`.' }),
  })
  .meta({ description: 'A virtual machine.' });

/** `vm_defaults`: laid under each machine. */
export const MachineDefaults = z
  .strictObject({
    template: NonEmpty.optional().meta({
      description:
        'Image of machines that name neither an image nor a clone source, by its name in the catalogue.',
      examples: ['ubuntu-24.04-standard'],
    }),
    ...hardware,
    clone_type: z.enum(['full', 'linked']).optional().meta({ description: 'Kind of clone; default `full`.' }),
  })
  .omit({ name: true })
  .partial()
  .meta({ description: 'Values for all machines; objects are merged key by key, arrays are replaced.' });

export type MachineInput = z.output<typeof Machine>;

import { z } from 'zod';
import { Container, ContainerDefaults } from './container.js';
import { ContainerShell } from './container-shell.js';
import { Machine, MachineDefaults } from './machine.js';
import { NonEmpty } from './primitives.js';

/** An entry of `images`. */
export const Image = z
  .strictObject({
    url: z.url({ protocol: /^https?$/ }).meta({ description: 'Where the image is.' }),
    checksum: z
      .string()
      .regex(
        /^(?:sha256:[0-9a-fA-F]{64}|sha512:[0-9a-fA-F]{128})$/,
        'sha256: or sha512: and the sum in hexadecimal',
      )
      .optional()
      .meta({ description: 'Checksum, `sha256:…` or `sha512:…`.' }),
    checksum_url: z
      .url({ protocol: /^https?$/ })
      .optional()
      .meta({ description: 'List of checksums that names the image.' }),
    title: NonEmpty.optional().meta({ description: 'What it is, for people.' }),
    default_user: NonEmpty.optional().meta({ description: 'User that the image makes by itself.' }),
    has_agent: z
      .boolean()
      .optional()
      .meta({ description: 'Whether the QEMU guest agent is part of the image; default false.' }),
  })
  .meta({ description: 'An image of the catalogue.' });

export const fileKeys = {
  $schema: z.string().optional().meta({ description: 'JSON Schema of this file, for editors.' }),
  images: z
    .record(NonEmpty, Image)
    .optional()
    .meta({ description: 'Images by name, over the built-in catalogue.' }),
  feature_packs: z.array(NonEmpty).optional().meta({
    description:
      'Packages with features (npm names, resolved from this file’s directory), or paths of modules.',
  }),
  feature_directories: z.array(NonEmpty).optional().meta({
    description: 'Directories of `feature_install_<name>.sh` scripts, relative to this file.',
  }),
  container_shell: ContainerShell.optional(),
};

/** A whole file; both kinds of guests may stand in one. */
export const ConfigFile = z
  .strictObject({
    ...fileKeys,
    vm_defaults: MachineDefaults.optional(),
    vms: z.array(Machine).optional().meta({ description: 'The virtual machines.' }),
    lxc_defaults: ContainerDefaults.optional(),
    lxc_configs: z
      .record(z.string().regex(/^[1-9]\d{2,8}$/, 'a guest id, 100 to 999999999'), Container)
      .optional()
      .meta({ description: 'The containers, by id.' }),
  })
  .meta({ title: 'Phoenix configuration', description: 'Guests of a Proxmox VE cluster, as they shall be.' });

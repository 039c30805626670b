import { readIsoFile, readIsoLabel } from '../../../cloudinit-drive/read-iso.js';
import type { GuestDefinition, RuntimeHost } from '../../guest-runtime.js';

/** The texts of a seed as byte strings, from whichever kind of drive is attached. */
export interface GuestSeed {
  readonly source: 'nocloud' | 'configdrive';
  readonly userData: string;
  readonly metaData: string;
  readonly networkConfig: string | undefined;
  readonly vendorData: string;
}

/**
 * Finds the seed on the guest's CD-ROM drives and disks: an ISO 9660 image labelled `cidata` (NoCloud) or `config-2` (config drive).
 * The drives are searched in the order of their keys.
 */
export async function readSeed(
  host: RuntimeHost,
  definition: GuestDefinition,
): Promise<GuestSeed | undefined> {
  for (const drive of definition.drives) {
    if (drive.file === undefined || drive.media !== 'cdrom') continue;
    let image: Uint8Array;
    try {
      image = await host.files.read(drive.file.node, drive.file.path);
    } catch {
      continue;
    }
    const label = readIsoLabel(image)?.toLowerCase();
    const text = (path: string) => readIsoFile(image, path)?.toString('latin1');
    if (label === 'cidata') {
      return {
        source: 'nocloud',
        userData: text('user-data') ?? '',
        metaData: text('meta-data') ?? '',
        networkConfig: text('network-config'),
        vendorData: text('vendor-data') ?? '',
      };
    }
    if (label === 'config-2') {
      return {
        source: 'configdrive',
        userData: text('openstack/latest/user_data') ?? '',
        metaData: text('openstack/latest/meta_data.json') ?? '',
        networkConfig: undefined,
        vendorData: text('openstack/latest/vendor_data.json') ?? '',
      };
    }
  }
  return undefined;
}

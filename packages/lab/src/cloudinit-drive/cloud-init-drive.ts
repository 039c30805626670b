import type { CloudInitFiles } from './cloud-init-files.js';
import { writeIso } from './write-iso.js';

/** Bytes that the texts of a drive may have in all; PVE refuses more. */
const LIMIT_BYTES = 3 * 1024 * 1024;

/**
 * The ISO file system that PVE writes into a guest's cloud-init volume (4 MiB): label `cidata` with NoCloud's files, or `config-2` with OpenStack's.
 * Equal files yield equal bytes. Rock Ridge always; Joliet as PVE does from 9.1 on.
 *
 * @throws Error `Cloud-Init sum of snippets too big (> 3 MiB)`.
 */
export function writeCloudInitDrive(files: CloudInitFiles, options: { joliet?: boolean } = {}): Uint8Array {
  const tree: Record<string, string> =
    files.format === 'nocloud'
      ? {
          'user-data': files.userData,
          'network-config': files.networkData,
          'meta-data': files.metaData,
          'vendor-data': files.vendorData,
        }
      : {
          'openstack/latest/user_data': files.userData,
          'openstack/content/0000': files.networkData,
          'openstack/latest/meta_data.json': files.metaData,
          'openstack/latest/vendor_data.json': files.vendorData,
        };
  const contents = new Map(Object.entries(tree).map(([path, text]) => [path, Buffer.from(text, 'utf8')]));
  const total = [...contents.values()].reduce((sum, bytes) => sum + bytes.length, 0);
  if (total > LIMIT_BYTES) throw new Error('Cloud-Init sum of snippets too big (> 3 MiB)');
  const label = files.format === 'nocloud' ? 'cidata' : 'config-2';
  return writeIso({ label, files: contents, joliet: options.joliet ?? true, sizeBytes: 4 * 1024 * 1024 });
}

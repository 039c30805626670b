import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { type Drive, isCloudInitDrive, isDriveKey, parseDrive } from '../config/drive.js';
import { parseProperties } from '../config/property-string.js';
import { cloudInitFormat, metaData, type NodeDns, networkData, userData } from './cloud-config.js';
import { type IsoFile, writeIso } from './write-iso.js';

const limitBytes = 3 * 2 ** 20;

/** The resolver that the node's own `/etc/resolv.conf` names. */
export function nodeDns(lab: Lab, node: string): NodeDns {
  const settings = lab.state.extra[`node/${node}/dns`];
  const texts = (name: string): string[] => {
    const value = typeof settings === 'object' && settings !== null && !Array.isArray(settings) ? Reflect.get(settings, name) : undefined;
    return Array.isArray(value) ? value.filter((item) => typeof item === 'string') : [];
  };
  const nameservers = texts('nameservers');
  return { nameservers: nameservers.length > 0 ? nameservers : ['10.0.0.1'], searchDomains: texts('searchDomains') };
}

/** The guest's cloud-init drive, if it has one. */
export function cloudInitDrive(config: ConfigSection): Drive | undefined {
  for (const [key, value] of Object.entries(config)) {
    const drive = isDriveKey(key) ? parseDrive(key, value) : undefined;
    if (drive !== undefined && isCloudInitDrive(drive)) return drive;
  }
  return undefined;
}

/**
 * Writes the guest's cloud-init drive from its options (and `cicustom` snippets) and forgets what waited for it. Without such a drive nothing happens.
 *
 * @throws PveError when a snippet is missing or everything together is too large.
 */
export async function generateCloudInit(lab: Lab, guest: GuestRecord): Promise<void> {
  const config = guest.config.main;
  const drive = cloudInitDrive(config);
  if (drive === undefined || !drive.file.includes(':')) return;
  const custom = await customParts(lab, guest);
  const dns = nodeDns(lab, guest.node);
  const user = custom.user ?? userData(config, guest.vmid);
  const network = custom.network ?? networkData(config, dns);
  const meta = custom.meta ?? metaData(config, user, network);
  const vendor = custom.vendor ?? '';
  if (Buffer.byteLength(user + network + meta + vendor) > limitBytes) throw failure('Cloud-Init sum of snippets too big (> 3 MiB)');
  const format = cloudInitFormat(config);
  const image = writeIso(...imageOf(format, { user, network, meta, vendor }));
  await lab.storages.writeImage(guest.node, drive.file, image);
  guest.config.cloudinit = {};
}

function imageOf(
  format: ReturnType<typeof cloudInitFormat>,
  parts: { user: string; network: string; meta: string; vendor: string },
): [string, IsoFile[]] {
  const file = (path: string, text: string): IsoFile => ({ path, content: Buffer.from(text) });
  switch (format) {
    case 'nocloud':
      return [
        'cidata',
        [
          file('user-data', parts.user),
          file('network-config', parts.network),
          file('meta-data', parts.meta),
          file('vendor-data', parts.vendor),
        ],
      ];
    case 'configdrive2':
      return [
        'config-2',
        [
          file('openstack/latest/user_data', parts.user),
          file('openstack/content/0000', parts.network),
          file('openstack/latest/meta_data.json', parts.meta),
          file('openstack/latest/vendor_data.json', parts.vendor),
        ],
      ];
    case 'opennebula':
      return ['CONTEXT', [file('context.sh', `USERDATA="${Buffer.from(parts.user).toString('base64')}"\nUSERDATA_ENCODING=base64\n`)]];
  }
}

async function customParts(lab: Lab, guest: GuestRecord): Promise<Partial<Record<'user' | 'network' | 'meta' | 'vendor', string>>> {
  const { cicustom } = guest.config.main;
  if (cicustom === undefined) return {};
  const parts: Partial<Record<'user' | 'network' | 'meta' | 'vendor', string>> = {};
  const volids = parseProperties(cicustom);
  for (const name of ['user', 'network', 'meta', 'vendor'] as const) {
    const volid = volids[name];
    if (volid === undefined) continue;
    if (lab.storages.parse(volid).content !== 'snippets') throw failure(`${volid} is not in the snippets directory`);
    if (lab.storages.volume(guest.node, volid) === undefined) throw failure(`can't find file '${volid}'`);
    parts[name] = Buffer.from(await lab.storages.readFile(guest.node, volid)).toString();
  }
  return parts;
}

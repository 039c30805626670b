import { writeCloudInitDrive } from '../../../cloudinit-drive/cloud-init-drive.js';
import {
  type CloudInitFiles,
  type CloudInitSource,
  generateCloudInitFiles,
} from '../../../cloudinit-drive/cloud-init-files.js';
import { errorText, failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import { type Drive, isCloudInitDrive, isDriveKey, parseDrive } from '../config/drive.js';
import { parseProperties } from '../config/property-string.js';

/** The guest's cloud-init drive, if it has one. */
export function cloudInitDrive(config: ConfigSection): Drive | undefined {
  for (const [key, value] of Object.entries(config)) {
    const drive = isDriveKey(key) ? parseDrive(key, value) : undefined;
    if (drive !== undefined && isCloudInitDrive(drive)) return drive;
  }
  return undefined;
}

/** The texts that the guest's options generate, without `cicustom` (as GET …/cloudinit/dump shows them). */
export function cloudInitTexts(lab: Lab, guest: GuestRecord): CloudInitFiles {
  return generateCloudInitFiles(sourceOf(lab, guest));
}

/**
 * Writes the guest's cloud-init drive from its options and `cicustom` snippets, and forgets what waited for it. Without such a drive nothing happens.
 *
 * @throws PveError when a snippet is missing or everything together is too large.
 */
export async function generateCloudInit(lab: Lab, guest: GuestRecord): Promise<void> {
  const drive = cloudInitDrive(guest.config.main);
  if (
    drive === undefined ||
    !drive.file.includes(':') ||
    lab.storages.volume(guest.node, drive.file) === undefined
  )
    return;
  const files = generateCloudInitFiles({ ...sourceOf(lab, guest), custom: await customTexts(lab, guest) });
  let image: Uint8Array;
  try {
    image = writeCloudInitDrive(files, { joliet: lab.release === '9.2' });
  } catch (error) {
    throw failure(errorText(error));
  }
  await lab.storages.writeImage(guest.node, drive.file, image);
  guest.config.cloudinit = {};
}

function sourceOf(lab: Lab, guest: GuestRecord): CloudInitSource {
  return { vmid: guest.vmid, config: guest.config.main, hostDns: hostDns(lab, guest.node) };
}

/** The resolver of the node's own `/etc/resolv.conf`. */
function hostDns(lab: Lab, node: string): CloudInitSource['hostDns'] {
  const settings = lab.state.extra[`nodes/${node}/dns`];
  const fields: Record<string, unknown> =
    typeof settings === 'object' && settings !== null && !Array.isArray(settings) ? { ...settings } : {};
  const nameservers = ['dns1', 'dns2', 'dns3']
    .map((name) => fields[name])
    .filter((value) => typeof value === 'string');
  const { search } = fields;
  return {
    nameservers: nameservers.length > 0 ? nameservers : ['10.0.0.1'],
    ...(typeof search === 'string' && { search }),
  };
}

async function customTexts(lab: Lab, guest: GuestRecord): Promise<NonNullable<CloudInitSource['custom']>> {
  const { cicustom } = guest.config.main;
  if (cicustom === undefined) return {};
  const texts: Record<string, string> = {};
  for (const [name, volid] of Object.entries(parseProperties(cicustom))) {
    if (lab.storages.parse(volid).content !== 'snippets')
      throw failure(`${volid} is not in the snippets directory`);
    if (lab.storages.volume(guest.node, volid) === undefined) throw failure(`can't find file '${volid}'`);
    texts[name] = Buffer.from(await lab.storages.readFile(guest.node, volid)).toString();
  }
  return texts;
}

import { createHash } from 'node:crypto';

/** A template of the index of Proxmox VE, as the lab has it: named as the real ones are, with made-up bytes. */
export interface Appliance {
  readonly template: string;
  readonly package: string;
  readonly version: string;
  readonly os: string;
}

const template = (os: string, flavour: string, version: string, packing = 'zst'): Appliance => ({
  template: `${os}-${flavour}_${version}_amd64.tar.${packing}`,
  package: `${os}-${flavour}`,
  version,
  os,
});

/** Templates by the names of the index; each simulated system that containers can be made of. */
export const APPLIANCES: readonly Appliance[] = [
  template('debian-12', 'standard', '12.7-1'),
  template('debian-12', 'standard', '12.12-1'),
  template('debian-13', 'standard', '13.1-2'),
  template('ubuntu-22.04', 'standard', '22.04-1'),
  template('ubuntu-24.04', 'standard', '24.04-2'),
  template('rockylinux-9', 'default', '20240912', 'xz'),
  template('almalinux-9', 'default', '20240911', 'xz'),
];

const MAGIC: Readonly<Record<string, readonly number[]>> = {
  zst: [0x28, 0xb5, 0x2f, 0xfd],
  xz: [0xfd, 0x37, 0x7a, 0x58, 0x5a, 0x00],
};

/** The made-up archive: it begins as its packing does; what is in it follows from its name. Undefined for a name that is not in the index. */
export function applianceBytes(name: string): Uint8Array | undefined {
  if (!APPLIANCES.some((appliance) => appliance.template === name)) return undefined;
  const magic = MAGIC[name.split('.').at(-1) ?? ''] ?? [];
  return Buffer.concat([Buffer.from(magic), Buffer.from(name.repeat(64))]);
}

/** The checksum that the index gives. */
export function applianceDigest(name: string): string {
  return createHash('sha512')
    .update(applianceBytes(name) ?? new Uint8Array())
    .digest('hex');
}

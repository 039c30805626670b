import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import type { VolumeFeature } from '../../../storage/storages.js';
import { type Drive, isCdrom } from '../config/drive.js';
import { drivesOf } from '../disks/volume-access.js';

/** The drives whose volumes belong to the guest's state: all but CD-ROMs. */
export function stateDrives(section: ConfigSection): Drive[] {
  return drivesOf(section).filter((drive) => !isCdrom(drive) && drive.file.includes(':'));
}

/** Can all volumes of the guest do that (QemuConfig.pm, has_feature)? */
export function hasFeature(
  lab: Lab,
  node: string,
  section: ConfigSection,
  feature: VolumeFeature,
  options: { snapshot?: string; running: boolean },
): boolean {
  return stateDrives(section).every((drive) => lab.storages.has(node, drive.file, feature, options));
}

import type { Params } from '../../../http/params.js';
import { badParameter } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { parseBootOrder, printBootOrder } from './boot-order.js';
import { storedNic } from './drawn-values.js';
import { isDriveKey, parseDrive, printDrive } from './drive.js';

/** The parameters that are options of the guest: all but these. `cdrom` stands for `ide2`. */
export function configParameters(params: Params, control: ReadonlySet<string>): ConfigSection {
  const values: ConfigSection = {};
  for (const [name, value] of params.entries()) {
    if (control.has(name)) continue;
    values[name === 'cdrom' ? 'ide2' : name] = typeof value === 'string' ? value : value.join(',');
  }
  if (params.has('cdrom')) {
    const ide2 = values.ide2 ?? 'none';
    values.ide2 = /(^|,)media=/.test(ide2) ? ide2 : `${ide2},media=cdrom`;
  }
  return values;
}

/** Values as PVE prints them anew: drives in canonical order, interfaces with a MAC, `vmgenid=1` drawn. @throws PveError 400. */
export function canonicalValues(lab: Lab, values: ConfigSection): ConfigSection {
  const canonical: ConfigSection = {};
  for (const [key, value] of Object.entries(values)) {
    if (isDriveKey(key)) {
      const drive = parseDrive(key, value);
      if (drive === undefined) throw badParameter(key, 'unable to parse drive options');
      canonical[key] = printDrive(drive);
    } else if (/^net\d+$/.test(key)) canonical[key] = storedNic(lab, value);
    else if (key === 'vmgenid' && value === '1') canonical[key] = lab.uuid();
    else if (key === 'description') canonical[key] = value.replace(/\s+$/, '');
    else canonical[key] = value;
  }
  return canonical;
}

/** A boot order in PVE's own print. */
export function canonicalBoot(boot: string): string {
  const order = parseBootOrder(boot);
  return order === undefined ? boot : printBootOrder(order);
}

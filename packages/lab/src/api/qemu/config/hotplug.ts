import { splitList } from '../../../http/params.js';
import { errorText } from '../../../http/pve-error.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { guestDefinition } from '../guest-definition.js';
import { type ApplyOptions, deleteKey } from './apply-pending.js';
import { isCloudInitRecorded, isFastPlugged } from './config-keys.js';
import { isCdrom, isDriveKey, parseDrive } from './drive.js';
import { parseNic } from './net.js';
import { parseProperties } from './property-string.js';
import {
  cleanupPending,
  pendingDeletes,
  registerUnused,
  setPendingDeletes,
  tidyUnused,
} from './write-config.js';

/** Drive options that a running guest's disk takes without a reboot; all others wait. */
const liveDriveOptions =
  /^((mbps|iops|bps)(_.*)?|backup|replicate|werror|rerror|shared|size|detect_zeroes|serial)$/;

/** The features that `hotplug` switches on. */
export function hotplugFeatures(hotplug: string | undefined): ReadonlySet<string> {
  if (hotplug === '0') return new Set();
  return new Set(hotplug === undefined || hotplug === '1' ? ['network', 'disk', 'usb'] : splitList(hotplug));
}

/** Can a running guest take this change of a key now? (QemuServer.pm, vmconfig_hotplug_pending.) `undefined` stands for an absent value. */
export function isHotPluggable(
  key: string,
  before: string | undefined,
  after: string | undefined,
  config: ConfigSection,
): boolean {
  const features = hotplugFeatures(config.hotplug);
  if (isFastPlugged(key)) return true;
  if (key === 'cpulimit' || key === 'cpuunits') return true;
  if (key === 'hotplug') return !/cpu|memory/.test(`${before ?? ''},${after ?? ''}`);
  if (key === 'vcpus') return features.has('cpu');
  if (key === 'memory') return features.has('memory') && config.numa === '1';
  if (key === 'balloon')
    return before !== undefined && after !== undefined && before !== '0' && after !== '0';
  if (key === 'tablet' || /^usb\d+$/.test(key)) return features.has('usb');
  if (key === 'agent') return agentWithoutTrim(before) === agentWithoutTrim(after);
  if (/^net\d+$/.test(key)) return isLiveNicChange(before, after) || features.has('network');
  if (isDriveKey(key)) return isHotPluggableDrive(key, before, after, features.has('disk'));
  return false;
}

function agentWithoutTrim(text: string | undefined): string {
  const { fstrim_cloned_disks: _trim, ...rest } = parseProperties(text ?? '0', 'enabled');
  return JSON.stringify(rest);
}

/** Bridge, tags and the like of an existing interface change in place; model, MAC, queues and MTU need it to be plugged anew. */
function isLiveNicChange(before: string | undefined, after: string | undefined): boolean {
  if (before === undefined || after === undefined) return false;
  const [old, next] = [parseNic(before), parseNic(after)];
  return (
    old.model === next.model &&
    old.macaddr === next.macaddr &&
    old.options.queues === next.options.queues &&
    old.options.mtu === next.options.mtu
  );
}

function isHotPluggableDrive(
  key: string,
  before: string | undefined,
  after: string | undefined,
  hotplug: boolean,
): boolean {
  const pluggable = hotplug && /^(scsi|virtio)\d+$/.test(key);
  const old = before === undefined ? undefined : parseDrive(key, before);
  const next = after === undefined ? undefined : parseDrive(key, after);
  if (old === undefined || next === undefined) return pluggable;
  if (isCdrom(old) && isCdrom(next)) return true;
  if (old.file !== next.file) return pluggable && !isCdrom(old) && !isCdrom(next);
  const names = new Set([...Object.keys(old.options), ...Object.keys(next.options)]);
  return [...names].every((name) => old.options[name] === next.options[name] || liveDriveOptions.test(name));
}

/** Notes that a value differs from what the guest's cloud-init drive says, until that is generated anew (Cloudinit.pm's record of changes). */
export function recordCloudInitChange(
  record: ConfigSection,
  key: string,
  before: string | undefined,
  after: string | undefined,
): void {
  if (!isCloudInitRecorded(key)) return;
  const added = new Set((record.added ?? '').split(',').filter((part) => part !== ''));
  const recorded = record[key];
  if (recorded !== undefined) {
    if (after === recorded) delete record[key];
  } else if (added.has(key)) {
    if (after === undefined) added.delete(key);
  } else if (before !== undefined) record[key] = before;
  else if (after !== undefined) added.add(key);
  if (added.size === 0) delete record.added;
  else record.added = [...added].sort().join(',');
}

/**
 * Makes those pending changes that a running guest takes now; the others stay pending.
 * @returns Texts by key of what the guest refused.
 */
export async function hotplugPending(
  options: ApplyOptions,
  modified: ReadonlySet<string>,
): Promise<Record<string, string>> {
  const { lab, guest } = options;
  const { config } = guest;
  const errors: Record<string, string> = {};
  const deletes = pendingDeletes(config);
  for (const [key, force] of [...deletes]) {
    const before = config.main[key];
    const eligible = isFastPlugged(key) || modified.has(key);
    if (!eligible || !isHotPluggable(key, before, undefined, config.main)) continue;
    try {
      await plug(options, { ...config.main, [key]: undefined }, key);
      await deleteKey(options, key, force);
      recordCloudInitChange(config.cloudinit, key, before, undefined);
      delete config.main[key];
      deletes.delete(key);
    } catch (error) {
      errors[key] = `hotplug problem - ${errorText(error)}\n`;
    }
  }
  setPendingDeletes(config, deletes);
  for (const key of Object.keys(config.pending)) {
    const after = config.pending[key];
    if (key === 'delete' || after === undefined) continue;
    const before = config.main[key];
    const eligible = isFastPlugged(key) || modified.has(key);
    if (!eligible || !isHotPluggable(key, before, after, config.main)) continue;
    try {
      await plug(options, { ...config.main, [key]: after }, key);
      if (isDriveKey(key) && before !== undefined) {
        const old = parseDrive(key, before);
        if (old?.file !== parseDrive(key, after)?.file) await registerUnused(lab, guest, old);
      }
      recordCloudInitChange(config.cloudinit, key, before, after);
      config.main[key] = after;
      delete config.pending[key];
    } catch (error) {
      errors[key] = `hotplug problem - ${errorText(error)}\n`;
    }
  }
  cleanupPending(config);
  tidyUnused(config);
  if (hotplugFeatures(config.main.hotplug).has('cloudinit') && [...modified].some(isCloudInitRecorded))
    await options.regenerate();
  return errors;
}

async function plug(
  options: ApplyOptions,
  section: Record<string, string | undefined>,
  key: string,
): Promise<void> {
  if (isFastPlugged(key) && key !== 'name') return;
  const { lab, guest } = options;
  const definition: ConfigSection = {};
  for (const [name, value] of Object.entries(section)) if (value !== undefined) definition[name] = value;
  await lab.runtime.hotplug(guestDefinition(lab, guest, definition));
}

import { splitList } from '../../../http/params.js';
import { badParameter, badParameters, failure } from '../../../http/pve-error.js';
import type { RequestContext } from '../../../http/route.js';
import type { ConfigSection } from '../../../state/guest-config.js';
import { uniqueTags } from '../../qemu/config/check-keys.js';
import { cleanupPending, pendingDeletes, setPendingDeletes } from '../../qemu/config/write-config.js';
import {
  checkDigest,
  checkLock,
  checkProtection,
  containerOf,
  isRunning,
  requireContainer,
  vmidOf,
  withContainerLock,
} from '../container-access.js';
import { applyLiveChanges, applyPendingChanges } from './apply-changes.js';
import { checkContainerKeys } from './check-keys.js';
import { isContainerKey, isVolumeKey } from './container-keys.js';

const controlParameters = new Set(['node', 'vmid', 'delete', 'revert', 'digest']);
const requiredKeys = new Set(['memory', 'rootfs']);

/** PUT …/config: all changes are entered as pending, then what can be is applied; what fails is taken back (API2/LXC/Config.pm, update_vm). */
export async function updateConfig(ctx: RequestContext): Promise<undefined> {
  const { lab, params, node } = ctx;
  const vmid = vmidOf(ctx);
  const values: ConfigSection = {};
  for (const [name, value] of params.entries()) {
    if (!controlParameters.has(name)) values[name] = typeof value === 'string' ? value : value.join(',');
  }
  const deleted = params.list('delete');
  const reverted = params.list('revert');
  if (Object.keys(values).length === 0 && !params.has('delete') && !params.has('revert'))
    throw failure('no options specified');
  checkNames(values, deleted, reverted);
  await withContainerLock(lab, node, vmid, { signal: ctx.signal }, async () => {
    const guest = requireContainer(lab, node, vmid);
    checkLock(guest.config);
    checkDigest(guest.config, params.get('digest'));
    const { main } = guest.config;
    const owner = { lab, caller: ctx.caller, vmid, unprivileged: main.unprivileged === '1', before: main };
    checkContainerKeys(owner, values, deleted);
    const before = structuredClone(guest.config);
    enterChanges(ctx, values, deleted, reverted);
    const errors = isRunning(lab, vmid)
      ? await applyLiveChanges(lab, guest)
      : await applyPendingChanges(lab, guest);
    if (Object.keys(errors).length > 0) {
      guest.config = before;
      throw badParameters(errors);
    }
  });
  return undefined;
}

function checkNames(values: ConfigSection, deleted: readonly string[], reverted: readonly string[]): void {
  for (const [parameter, names] of [
    ['delete', deleted],
    ['revert', reverted],
  ] as const) {
    for (const key of names) {
      if (values[key] !== undefined)
        throw badParameter(parameter, `you can't use '-${key}' and -${parameter} ${key}' at the same time`);
      if (!isContainerKey(key)) throw badParameter(parameter, `unknown option '${key}'`);
    }
  }
}

function enterChanges(
  ctx: RequestContext,
  values: ConfigSection,
  deleted: readonly string[],
  reverted: readonly string[],
): void {
  const { config } = containerOf(ctx);
  const deletes = pendingDeletes(config);
  for (const key of reverted) {
    delete config.pending[key];
    deletes.delete(key);
  }
  for (const key of deleted) {
    if (requiredKeys.has(key)) throw failure(`unable to delete required option '${key}'`);
    if (isVolumeKey(key) || /^unused\d+$/.test(key))
      checkProtection(config, `can't remove CT ${vmidOf(ctx)} drive '${key}'`);
    delete config.pending[key];
    deletes.set(key, false);
  }
  for (const [key, value] of Object.entries(values)) {
    if (key === 'unprivileged') throw failure(`unable to modify read-only option: '${key}'`);
    if (isVolumeKey(key)) checkProtection(config, `can't update CT ${vmidOf(ctx)} drive '${key}'`);
    config.pending[key] = storedText(ctx, key, value);
    deletes.delete(key);
  }
  setPendingDeletes(config, deletes);
  cleanupPending(config);
}

function storedText(ctx: RequestContext, key: string, value: string): string {
  if (key === 'tags') return uniqueTags(ctx.lab, value);
  return key === 'nameserver' ? splitList(value).join(' ') : value;
}

import type { CloneSource, DeclaredContainer } from '../../../config/model.js';
import { PhoenixError } from '../../../errors/phoenix-error.js';
import { findByVmid } from '../../../plan/find-by-vmid.js';
import type { Change, Reason } from '../../../plan/plan.js';
import type { DraftedGuest } from '../../drafted-guest.js';
import { noticeSource } from '../../notice-source.js';
import { assertBridges, chooseNode, chooseStorage } from '../../place-guest.js';
import { planNewFirewall } from '../../plan-surroundings.js';
import { listDesiredKeys } from '../desired-keys.js';
import { assertSnapshots } from './assert-snapshots.js';
import { planContainerTemplate } from './plan-container-template.js';
import { planFinish, planProvisioning } from './plan-provisioning.js';

type DraftedContainer = DraftedGuest<DeclaredContainer>;

function desiredChanges(declared: DeclaredContainer): readonly Change[] {
  const changes: Change[] = listDesiredKeys(declared, {}, undefined).map((desired) => ({
    key: desired.label,
    declared: desired.value,
    live: null,
    takesEffect: 'now',
  }));
  changes.push({ key: 'unprivileged', declared: declared.unprivileged, live: null, takesEffect: 'now' });
  if (declared.diskGib !== undefined)
    changes.push({ key: 'storage_size_gb', declared: declared.diskGib, live: null, takesEffect: 'now' });
  return changes;
}

function planClone(draft: DraftedContainer, reason: Reason): string {
  const { declared, inventory, config } = draft.input;
  const source = declared.cloneFrom;
  if (source === undefined) throw new TypeError(`${declared.vmid}: no clone source`);
  const row = findByVmid(inventory.resources, source.vmid);
  const planned = findByVmid(config.guests, source.vmid);
  const kind = row?.kind ?? planned?.kind;
  if (kind !== 'container') {
    throw new PhoenixError({
      code: 'PHOENIX_CLONE_SOURCE_MISSING',
      message: `Container ${declared.vmid} (${declared.name}) is to be cloned from ${source.vmid}, which ${kind === undefined ? 'neither exists on the cluster nor is declared' : 'is a machine'}.`,
      hint: 'Correct `clone_from_ctid`: containers are cloned from containers.',
      details: { vmid: declared.vmid, source: source.vmid },
    });
  }
  // A template of ours that a run before left unfinished is finished first.
  const ours = row === undefined || inventory.guests[String(source.vmid)]?.marker !== undefined;
  assertCloneable(draft, source, {
    template: row?.template === true || (ours && planned?.isTemplate === true),
    running: planned !== undefined || row?.status === 'running',
  });
  noticeClone(draft, source.vmid);
  const sourceNode = row?.node ?? chooseNode(planned ?? declared, inventory);
  const node = declared.nodes.length === 0 ? sourceNode : chooseNode(declared, inventory);
  assertBridges(declared, node, inventory);
  const storage =
    declared.storage === undefined || source.linked
      ? undefined
      : chooseStorage(inventory, {
          vmid: declared.vmid,
          node,
          content: 'rootdir',
          key: 'storage_pool',
          name: declared.storage,
        }).storage;
  assertSnapshots(draft, { node, ...(storage === undefined ? {} : { storage }) });
  const title = `${source.linked ? 'linked' : 'full'} clone of ${source.vmid}${source.snapshotName === undefined ? '' : ` at ${source.snapshotName}`}`;
  draft.add('clone', 'create', reason, title, {
    changes: desiredChanges(declared),
    input: {
      node,
      source: source.vmid,
      linked: source.linked,
      // Proxmox VE locks a container while it is cloned.
      alone: true,
      ...(storage === undefined ? {} : { storage }),
    },
  });
  draft.add('configure', 'update', reason, 'hardware, network, tags');
  return node;
}

/** @throws {PhoenixError} `PHOENIX_CLONE_SOURCE_RUNNING` */
function assertCloneable(
  draft: DraftedContainer,
  source: CloneSource,
  state: { readonly template: boolean; readonly running: boolean },
): void {
  const { declared } = draft.input;
  if (state.template || !state.running || source.snapshotName !== undefined) return;
  throw new PhoenixError({
    code: 'PHOENIX_CLONE_SOURCE_RUNNING',
    message: `Container ${declared.vmid} (${declared.name}) is to be cloned from ${source.vmid}, which runs and has no snapshot to clone: Proxmox VE copies containers only from a template, a snapshot, or while they are stopped.`,
    hint: `Set \`is_template\` on ${source.vmid}, or \`template_snapshot_name\` where its storage can hold snapshots of containers.`,
    details: { vmid: declared.vmid, source: source.vmid },
  });
}

/** What a clone gets from its source although people may not expect it, or does not get although it is declared. */
function noticeClone(draft: DraftedContainer, source: number): void {
  const { declared, inventory, config } = draft.input;
  const label = `${declared.vmid} (${declared.name})`;
  if (declared.user?.password !== undefined || (declared.user?.sshKeys ?? []).length > 0)
    draft.notice(
      'user-config',
      `Password and SSH keys of ${label} are not set: Proxmox VE takes them only when a container is made from a template file. It has those of ${source}.`,
    );
  if (declared.networks.length > 0) return;
  const live = Object.entries(inventory.guests[String(source)]?.config ?? {}).some(
    ([key, value]) => /^net\d+$/.test(key) && /(^|,)ip6?=[^,]*\//.test(String(value)),
  );
  const planned = config.guests
    .find((guest) => guest.vmid === source)
    ?.networks.some((network) => network.ipv4?.kind === 'static' || network.ipv6?.kind === 'static');
  if (live || planned === true)
    draft.notice(
      'same-address',
      `${label} declares no network and takes over the fixed address of ${source}, which it is cloned from.`,
    );
}

function planCreation(draft: DraftedContainer, reason: Reason): string {
  const { declared, inventory } = draft.input;
  const node = chooseNode(declared, inventory);
  assertBridges(declared, node, inventory);
  const { storage } = chooseStorage(inventory, {
    vmid: declared.vmid,
    node,
    content: 'rootdir',
    key: 'storage_pool',
    ...(declared.storage === undefined ? {} : { name: declared.storage }),
  });
  assertSnapshots(draft, { node, storage });
  const template = planContainerTemplate(draft, node);
  draft.add('create', 'create', reason, `container on ${storage}`, {
    changes: desiredChanges(declared),
    input: {
      node,
      storage,
      ...(template.volid === undefined ? {} : { volid: template.volid }),
      ...(template.id === undefined ? {} : { image: template.id }),
    },
    ...(template.id === undefined ? {} : { after: [template.id] }),
  });
  return node;
}

/** Everything from nothing to a finished container. Gives the node. */
export function planNewContainer(draft: DraftedContainer, reason: Reason): string {
  const { declared } = draft.input;
  noticeSource(draft);
  const cloned = declared.cloneFrom !== undefined;
  const node = cloned ? planClone(draft, reason) : planCreation(draft, reason);
  // A created root file system has its size from the beginning.
  if (cloned && declared.diskGib !== undefined)
    draft.add('grow-disk', 'update', reason, `root file system of ${declared.diskGib} GiB`);
  planNewFirewall(draft, reason);
  planProvisioning(draft, reason, { started: false });
  planFinish(draft, reason);
  return node;
}

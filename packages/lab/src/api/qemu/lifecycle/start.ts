import { failure } from '../../../http/pve-error.js';
import type { Lab } from '../../../lab.js';
import type { GuestRecord } from '../../../state/lab-state.js';
import type { TaskRun } from '../../../tasks/tasks.js';
import { cloudInitDrive, generateCloudInit } from '../cloudinit/generate.js';
import { applyPending } from '../config/apply-pending.js';
import { parseNic } from '../config/net.js';
import { drivesOf, isVolid } from '../disks/volume-access.js';
import { checkConfigLock, isRunning, isTemplate, requireGuest, withGuestLock } from '../guest-access.js';
import { guestDefinition } from '../guest-definition.js';
import { runHook } from './hook-script.js';

/** The work of a `qmstart` task. */
export function startGuest(
  lab: Lab,
  node: string,
  vmid: number,
  task: TaskRun,
  options: { skipLock?: boolean } = {},
): Promise<void> {
  return withGuestLock(lab, node, vmid, { log: task.log, signal: task.signal }, async () => {
    const guest = requireGuest(lab, node, vmid);
    const { main } = guest.config;
    if (isTemplate(guest.config)) throw failure("you can't start a vm if it's a template");
    const suspended = main.lock === 'suspended';
    if (options.skipLock !== true && !suspended) checkConfigLock(guest.config);
    if (isRunning(lab, vmid)) throw failure(`VM ${vmid} already running`);
    await startNow(lab, guest, task, suspended ? main.vmstate : undefined);
  });
}

/** Starts a guest under its lock: pending changes, cloud-init drive, hook, process. `stateVolid` resumes from that memory and is freed then. */
export async function startNow(
  lab: Lab,
  guest: GuestRecord,
  task: TaskRun,
  stateVolid?: string,
  keepState = false,
): Promise<void> {
  const { node } = guest;
  if (Object.keys(guest.config.pending).length > 0 && stateVolid === undefined) {
    const errors = await applyPending({
      lab,
      guest,
      checkFree: () => {},
      regenerate: () => Promise.resolve(),
    });
    for (const text of Object.values(errors)) task.log(text.trimEnd());
  }
  if (cloudInitDrive(guest.config.main) !== undefined) {
    task.log('generating cloud-init ISO');
    await generateCloudInit(lab, guest);
  }
  checkVolumes(lab, guest);
  checkHost(lab, guest, task);
  await runHook(lab, guest, 'pre-start', task);
  if (stateVolid !== undefined && !keepState) {
    task.log('Resuming suspended VM');
    task.log(`activating and using '${stateVolid}' as vmstate`);
  }
  if (stateVolid !== undefined && keepState && lab.release === '9.2') {
    for (const key of Object.keys(guest.config.main).filter((name) => /^net\d+$/.test(name))) {
      const nic = parseNic(guest.config.main[key] ?? '');
      if (nic.model !== 'virtio') continue;
      task.log(`netdev ${key}: using 'host_mtu=${nic.options.mtu ?? '1500'}' for migration compat`);
    }
  }
  await lab.runtime.start(guestDefinition(lab, guest), {
    log: (line) => task.log(line),
    signal: task.signal,
    ...(stateVolid !== undefined && { stateFile: lab.storages.file(node, stateVolid) }),
  });
  if (stateVolid !== undefined && !keepState) {
    task.log('Resumed VM, removing state');
    for (const key of ['lock', 'vmstate', 'runningmachine', 'runningcpu']) delete guest.config.main[key];
    await lab.storages.free(node, stateVolid);
  }
  await runHook(lab, guest, 'post-start', task);
}

function checkVolumes(lab: Lab, guest: GuestRecord): void {
  for (const drive of drivesOf(guest.config.main)) {
    if (!isVolid(drive.file)) continue;
    const { storage } = lab.storages.parse(drive.file);
    lab.storages.checkEnabled(storage, guest.node);
    if (lab.storages.volume(guest.node, drive.file) === undefined) {
      throw failure(`volume '${drive.file}' does not exist`);
    }
  }
}

/** What the host refuses: missing bridges, and KVM where there is none. */
function checkHost(lab: Lab, guest: GuestRecord, task: TaskRun): void {
  const node = lab.state.nodes[guest.node];
  if (node === undefined) return;
  const { main } = guest.config;
  for (const key of Object.keys(main).filter((name) => /^net\d+$/.test(name))) {
    const { bridge } = parseNic(main[key] ?? '').options;
    if (bridge === undefined || node.interfaces[bridge] !== undefined) continue;
    const text = `bridge '${bridge}' does not exist`;
    if (lab.release === '9.2') throw failure(text);
    const script = '/usr/libexec/qemu-server/pve-bridge';
    task.log(text);
    task.log(
      `kvm: -netdev type=tap,id=${key},ifname=tap${guest.vmid}i${key.slice(3)},script=${script},downscript=${script}down: network script ${script} failed with status 512`,
    );
    throw failure('start failed: QEMU exited with code 1');
  }
  if (main.kvm !== '0' && !node.kvm)
    throw failure(
      'KVM virtualisation configured, but not available. Either disable in VM configuration or enable in BIOS.',
    );
}

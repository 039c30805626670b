import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Lab, startLab } from '../src/index.js';
import { printGuestConfig } from '../src/state/guest-config.js';
import { type Call, callerOf } from './support/request.js';

type Step = readonly [method: string, path: string, params: Readonly<Record<string, unknown>>];

const vmid = fc.integer({ min: 100, max: 104 });
const guest = vmid.map((id) => `/nodes/pve/qemu/${id}`);
const disk = fc.constantFrom('scsi0', 'scsi1', 'virtio0', 'ide2', 'unused0', 'efidisk0');
const snapshot = fc.constantFrom('s1', 's2', '1bad');
const value = fc.constantFrom(
  'quickOS-vm-disks:1',
  'quickOS-vm-disks:1,format=qcow2',
  'quickOS-vm-disks:cloudinit',
  'nosuch:1',
  'local:1',
  'none,media=cdrom',
  'garbage',
);

const step: fc.Arbitrary<Step> = fc.oneof(
  fc
    .tuple(vmid, fc.option(disk), value)
    .map(
      ([id, key, text]): Step => [
        'POST',
        '/nodes/pve/qemu',
        { vmid: id, ...(key === null ? {} : { [key]: text }) },
      ],
    ),
  fc
    .tuple(guest, disk, value, fc.constantFrom('PUT', 'POST'))
    .map(([path, key, text, method]): Step => [method, `${path}/config`, { [key]: text }]),
  fc
    .tuple(
      guest,
      fc.constantFrom('cores', 'memory', 'name', 'net0', 'bogus'),
      fc.constantFrom('1', '512', 'a-name', 'virtio,bridge=vmbr0', ''),
    )
    .map(([path, key, text]): Step => ['PUT', `${path}/config`, { [key]: text }]),
  fc
    .tuple(guest, disk, fc.boolean())
    .map(
      ([path, key, force]): Step => [
        'PUT',
        `${path}/config`,
        { delete: key, ...(force ? { force: 1 } : {}) },
      ],
    ),
  fc
    .tuple(guest, vmid, fc.boolean())
    .map(([path, newid, full]): Step => ['POST', `${path}/clone`, { newid, full: full ? 1 : 0 }]),
  guest.map((path): Step => ['DELETE', path, {}]),
  guest.map((path): Step => ['POST', `${path}/template`, {}]),
  fc
    .tuple(guest, fc.constantFrom('start', 'stop', 'shutdown', 'reset', 'reboot'))
    .map(([path, verb]): Step => ['POST', `${path}/status/${verb}`, {}]),
  fc.tuple(guest, snapshot).map(([path, name]): Step => ['POST', `${path}/snapshot`, { snapname: name }]),
  fc.tuple(guest, snapshot).map(([path, name]): Step => ['DELETE', `${path}/snapshot/${name}`, {}]),
  fc.tuple(guest, snapshot).map(([path, name]): Step => ['POST', `${path}/snapshot/${name}/rollback`, {}]),
  fc
    .tuple(guest, disk, fc.constantFrom('+1G', '512M', '0'))
    .map(([path, key, size]): Step => ['PUT', `${path}/resize`, { disk: key, size }]),
);

/** Every image belongs to a guest that knows of it. */
function orphans(lab: Lab): readonly string[] {
  return Object.values(lab.state.volumes)
    .filter((volume) => volume.content === 'images')
    .filter((volume) => {
      const owner = lab.state.guests[String(volume.vmid)];
      return owner === undefined || !printGuestConfig(owner.config).includes(volume.volid);
    })
    .map((volume) => volume.volid);
}

/** Locks in configurations although no task is at work. */
function strayLocks(lab: Lab): readonly string[] {
  if (Object.values(lab.state.tasks).some((task) => task.exitstatus === undefined)) return [];
  return Object.values(lab.state.guests)
    .filter((record) => record.config.main.lock !== undefined)
    .map((record) => `${record.vmid}: ${record.config.main.lock}`);
}

async function digests(lab: Lab, call: Call): Promise<Map<string, { text: string; digest: unknown }>> {
  const seen = new Map<string, { text: string; digest: unknown }>();
  for (const [id, record] of Object.entries(lab.state.guests)) {
    const { body } = await call('GET', `/nodes/pve/qemu/${id}/config`);
    seen.set(id, {
      text: printGuestConfig(record.config),
      digest: (body.data as { digest?: unknown } | null)?.digest,
    });
  }
  return seen;
}

test('whatever is called, in whatever order, the invariants of the lab hold', {
  timeout: 180_000,
}, async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(step, fc.boolean()), { minLength: 5, maxLength: 25 }),
      async (steps) => {
        const lab = await startLab({ imageMirror: false, seed: 1 });
        const call = callerOf(lab);
        try {
          const upids: string[] = [];
          let before = await digests(lab, call);
          for (const [[method, path, params], wait] of steps) {
            const { status, body } = await call(method, path, params);
            expect([200, 400, 500], `${method} ${path} ${JSON.stringify(params)}`).toContain(status);
            if (typeof body.data === 'string' && body.data.startsWith('UPID:')) {
              upids.push(body.data);
              if (wait) await lab.inside.tasks.finished(body.data);
            }
            const after = await digests(lab, call);
            for (const [id, now] of after) {
              const then = before.get(id);
              if (then !== undefined)
                expect(now.digest === then.digest, `digest of ${id}`).toBe(now.text === then.text);
            }
            before = after;
          }
          for (const upid of upids) await lab.inside.tasks.finished(upid);
          for (const upid of upids) {
            const { body } = await call('GET', `/nodes/pve/tasks/${encodeURIComponent(upid)}/status`);
            expect(body.data, upid).toMatchObject({ upid, status: 'stopped' });
          }
          expect(orphans(lab)).toEqual([]);
          expect(strayLocks(lab)).toEqual([]);
        } finally {
          await lab.close();
        }
      },
    ),
    { numRuns: Number(process.env.LAB_PROPERTY_RUNS ?? 12) },
  );
});

import { describe, expect, it } from 'vitest';
import { outcomesOf, type RealWorld, resolveDeclared } from './real-world.js';

/** The pack nfs_mount against a live export: the guest's kernel serves it to the guest itself. */
export function testNfsMount(world: () => RealWorld): void {
  describe('nfs_mount', () => {
    const declared = () =>
      resolveDeclared([
        {
          name: 'nfs_mount',
          options: {
            mounts: [
              {
                server: '127.0.0.1',
                export: '/srv/shared',
                path: '/mnt/shared',
                options: '_netdev,nofail,soft,timeo=50,retry=0',
              },
            ],
          },
        },
      ]);

    it('tells that there is no server, and a re-run repairs the guest once there is one', async () => {
      const { run, out } = world();
      const features = await declared();
      const failed = await run(features);
      expect(failed.error).toMatchObject({ code: 'FEATURES_STEP_FAILED', step: 'apply', exitCode: 32 });
      expect(await out('grep -c "^127.0.0.1:/srv/shared /mnt/shared nfs" /etc/fstab')).toBe('1\n');
      await out(`set -e
        mkdir -p /srv/shared; echo 'from the server' >/srv/shared/greeting
        DEBIAN_FRONTEND=noninteractive apt-get -qq -y --no-install-recommends install nfs-kernel-server
        echo '/srv/shared 127.0.0.1(rw,no_subtree_check,no_root_squash)' >/etc/exports
        exportfs -ra; systemctl start nfs-server`);
      const repaired = await run(features);
      expect(repaired.error).toBeUndefined();
      expect(await out('cat /mnt/shared/greeting; findmnt -no FSTYPE /mnt/shared')).toMatch(
        /^from the server\nnfs4?\n$/,
      );
      await out('echo "from the client" >/mnt/shared/answer');
      expect(await out('cat /srv/shared/answer')).toBe('from the client\n');
      expect(outcomesOf((await run(features)).events)).toEqual({ nfs_mount: 'unchanged' });
    });

    it('mounts again what was unmounted, and what is declared elsewhere moves', async () => {
      const { run, out } = world();
      await out('umount /mnt/shared');
      expect(outcomesOf((await run(await declared())).events)).toEqual({ nfs_mount: 'applied' });
      expect(await out('cat /mnt/shared/greeting')).toBe('from the server\n');
      const moved = await resolveDeclared([
        {
          name: 'nfs_mount',
          options: {
            mounts: [{ server: 'localhost', export: '/srv/shared', path: '/mnt/elsewhere', type: 'nfs4' }],
          },
        },
      ]);
      expect(outcomesOf((await run(moved)).events)).toEqual({ nfs_mount: 'applied' });
      expect(await out('cat /mnt/elsewhere/greeting; findmnt -n /mnt/shared || echo not mounted')).toBe(
        'from the server\nnot mounted\n',
      );
    });

    it('unmounts and forgets them when it leaves the config', async () => {
      const { run, out } = world();
      const before = await out("grep -v '^#' /etc/fstab | grep -vc nfs");
      expect(outcomesOf((await run([], { remove: true })).events)).toMatchObject({ nfs_mount: 'removed' });
      // The server's own file system, `nfsd`, stays.
      expect(await out("grep -E '[[:space:]]nfs4?[[:space:]]' /etc/fstab /proc/mounts || echo none")).toBe(
        'none\n',
      );
      expect(await out("grep -vc '^#' /etc/fstab")).toBe(before);
      await out('systemctl stop nfs-server');
    });
  });
}

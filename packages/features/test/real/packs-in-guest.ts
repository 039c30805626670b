import { describe, expect, it } from 'vitest';
import { linesOf, outcomesOf, type RealWorld, resolveDeclared } from './real-world.js';

const KEY = 'ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIGJhZGtleWJhZGtleWJhZGtleWJhZGtleWJhZGtleWJh alice@laptop';

/** The built-in packs that need nobody else, on a real guest: applied, seen working, found in place, changed, removed. */
export function testPacks(world: () => RealWorld): void {
  describe('the pack', () => {
    it('base_setup brings packages, time zone and locale, and mends what drifted', async () => {
      const { run, out } = world();
      const features = await resolveDeclared([
        {
          name: 'base_setup',
          options: { packages: ['tree'], timezone: 'Europe/Berlin', locale: 'de_DE.UTF-8' },
        },
      ]);
      // The image leaves out what locales are made of, and locale-gen says "done" all the same.
      const failed = await run(features);
      expect(failed.error).toMatchObject({ code: 'FEATURES_STEP_FAILED', step: 'apply', exitCode: 1 });
      expect(linesOf(failed.events).at(-1)).toContain('locale de_DE.UTF-8 could not be made');
      await out('rm -f /etc/dpkg/dpkg.cfg.d/*; apt-get -qq -y purge locales');
      const first = await run(features);
      expect(first.error).toBeUndefined();
      console.log(`base_setup in ${first.seconds} s`);
      expect(await out('date +%Z; command -v tree; locale -a | grep de_DE')).toMatch(
        /^CES?T\n\/usr\/bin\/tree\nde_DE.utf8\n$/,
      );
      expect(outcomesOf((await run(features)).events)).toEqual({ base_setup: 'unchanged' });
      await out('ln -snf /usr/share/zoneinfo/Etc/UTC /etc/localtime');
      const mended = await run(features);
      expect(linesOf(mended.events)).toContain('time zone is Etc/UTC, expected Europe/Berlin');
      expect(outcomesOf(mended.events)).toEqual({ base_setup: 'applied' });
      expect(await out('date +%Z')).toMatch(/^CES?T\n$/);
    });

    it('users makes accounts that can log in and become root as declared, and locks and deletes others', async () => {
      const { run, out } = world();
      const hash = (await out("openssl passwd -6 -salt phoenix 'a password'")).trim();
      await out('id carol >/dev/null 2>&1 || useradd -m carol');
      const features = await resolveDeclared([
        {
          name: 'users',
          options: {
            users: [
              { name: 'alice', keys: [KEY], groups: ['ops'], sudo: 'passwordless', comment: 'Alice A.' },
              { name: 'bob', sudo: 'password', password_hash: { $secret: 'env:BOB' } },
              { name: 'mallory', state: 'locked' },
              { name: 'carol', state: 'absent' },
            ],
          },
        },
      ]);
      const secrets = { resolveSecret: () => hash };
      const first = await run(features, secrets);
      expect(first.error).toBeUndefined();
      expect(JSON.stringify(first.events)).not.toContain(hash);
      const seen = await out(`sudo -u alice sudo -n id -un
        stat -c %a:%U /home/alice/.ssh/authorized_keys
        cat /home/alice/.ssh/authorized_keys
        id -nG alice
        echo 'a password' | sudo -u bob sudo -S -p '' id -un
        passwd -S mallory | cut -d' ' -f2
        id carol 2>&1 || true; ls -d /home/carol`);
      expect(seen.split('\n').slice(0, -1)).toEqual([
        'root',
        '600:alice',
        KEY,
        'alice ops',
        'root',
        'L',
        expect.stringContaining('no such user'),
        '/home/carol',
      ]);
      expect(outcomesOf((await run(features, secrets)).events)).toEqual({ users: 'unchanged' });
      await out(`rm /etc/sudoers.d/phoenix-alice`);
      const mended = await run(features, secrets);
      expect(linesOf(mended.events)).toContain('alice: has other sudo rights');
      expect(await out('sudo -u alice sudo -n id -un')).toBe('root\n');
    });

    it('trusted_ca makes a server trusted that was not, and distrusts it again', async () => {
      const { run, out } = world();
      const pem = await out(`cd /root
        openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj /CN=localhost \\
          -addext subjectAltName=DNS:localhost -days 30 -keyout ca.key -out ca.pem 2>/dev/null
        systemd-run -q --unit=tls-server --working-directory=/root openssl s_server -quiet -www -accept 8443 -cert ca.pem -key ca.key
        cat ca.pem`);
      const status = async () =>
        (
          await out(
            "curl -sS -o /dev/null -w '%{http_code}' --retry 20 --retry-connrefused --retry-delay 1 https://localhost:8443/ 2>&1 || true",
          )
        ).trim();
      expect(await status()).toContain('certificate');
      const features = await resolveDeclared([
        { name: 'trusted_ca', options: { certificates: { 'Acme-Root': pem } } },
      ]);
      expect((await run(features)).error).toBeUndefined();
      expect(await status()).toBe('200');
      expect(outcomesOf((await run(features)).events)).toEqual({ trusted_ca: 'unchanged' });
      const gone = await run([], { remove: true });
      expect(outcomesOf(gone.events)).toMatchObject({ trusted_ca: 'removed' });
      expect(await status()).toContain('certificate');
      await out('systemctl stop tls-server');
    });

    it('unattended_upgrades is read by the program itself as it was declared', async () => {
      const { run, out } = world();
      const features = await resolveDeclared([
        {
          name: 'unattended_upgrades',
          options: { reboot: true, reboot_time: '03:30', blocked: ['linux-.*'] },
        },
      ]);
      const first = await run(features);
      expect(first.error).toBeUndefined();
      console.log(`unattended_upgrades in ${first.seconds} s`);
      const said = await out('unattended-upgrade --dry-run --debug 2>&1');
      expect(said).toMatch(
        /Allowed origins are: origin=Debian,codename=bookworm-security,label=Debian-Security/,
      );
      expect(said).toContain('linux-.*');
      expect(await out('systemctl is-enabled apt-daily-upgrade.timer')).toBe('enabled\n');
      expect(outcomesOf((await run(features)).events)).toEqual({ unattended_upgrades: 'unchanged' });
      await out('echo >>/etc/apt/apt.conf.d/52phoenix-unattended-upgrades "// mine"');
      expect(outcomesOf((await run(features)).events)).toEqual({ unattended_upgrades: 'applied' });
    });
  });
}

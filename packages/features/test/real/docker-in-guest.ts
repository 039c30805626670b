import { describe, expect, it } from 'vitest';
import { linesOf, outcomesOf, type RealWorld, resolveDeclared } from './real-world.js';

/** The pack docker, from a package repository beside the guest, to a container that runs. */
export function testDocker(world: () => RealWorld): void {
  describe('docker', () => {
    it('is installed, answers, runs a container, and is found in place and changed', async () => {
      const { run, out } = world();
      await out('id alice >/dev/null 2>&1 || useradd -m alice');
      const options = { users: ['alice'], daemon: { 'log-driver': 'journald' } };
      const features = await resolveDeclared([{ name: 'docker', options }]);
      const first = await run(features);
      expect(first.error).toBeUndefined();
      console.log(`docker in ${first.seconds} s`);
      expect(linesOf(first.events).join('\n')).toMatch(/^Docker version \d+[\s\S]*^engine \d+/m);
      expect(await out('docker --version')).toMatch(/^Docker version \d+/);
      expect(await out("sudo -u alice docker info --format '{{.LoggingDriver}}'")).toBe('journald\n');
      const container =
        await out(`cd / && tar -ch bin/dash lib/x86_64-linux-gnu/libc.so.6 lib64/ld-linux-x86-64.so.2 |
        docker import - tiny >/dev/null && docker run --rm --network none tiny /bin/dash -c 'echo in a container'`);
      expect(container).toBe('in a container\n');
      expect(outcomesOf((await run(features)).events)).toEqual({ docker: 'unchanged' });
      await out('systemctl stop docker.socket docker');
      const mended = await run(features);
      expect(linesOf(mended.events)).toContain('the docker service does not run');
      expect(outcomesOf(mended.events)).toEqual({ docker: 'applied' });
    });

    it('is removed when it leaves the config', async () => {
      const { run, out } = world();
      const { events, error } = await run([], { remove: true });
      expect(error).toBeUndefined();
      expect(outcomesOf(events)).toMatchObject({ docker: 'removed' });
      expect(await out('command -v docker || echo gone; [ -d /var/lib/docker ] && echo kept')).toBe(
        'gone\nkept\n',
      );
    });
  });
}

// biome-ignore-all lint/suspicious/noTemplateCurlyInString: the scripts are of sh, no templates
import { describe, expect, test } from 'vitest';
import { createTestMachine } from '../test-machine.js';

const outputOf = async (script: string) => (await createTestMachine().run(script)).out;

describe('a simulated guest runs shell scripts as sh does', () => {
  test.each([
    ['x="a b"; set -- $x; echo $# "$x"', '2 a b\n'],
    ['set -- a "b c"; for i in "$@"; do echo "<$i>"; done', '<a>\n<b c>\n'],
    ['echo ${x:-d} ${x:=e} ${x:+f} ${#x}', 'd e f 1\n'],
    ['p=/a/b.tar.gz; echo ${p##*/} ${p%.*} ${p%%.*} ${p#*/}', 'b.tar.gz /a/b.tar /a/b a/b.tar.gz\n'],
    ['f() { local y=1; return 3; }; f; echo $?', '3\n'],
    ['echo "$(echo "$(echo deep)")" `echo old`', 'deep old\n'],
    ['n=0; while [ $n -lt 3 ]; do n=$((n + 1)); [ $n = 2 ] && continue; echo $n; done', '1\n3\n'],
    ['case foo.txt in *.sh) echo a;; *.txt|*.md) echo b;; esac', 'b\n'],
    ["cat <<EOF\n$((2 * 3)) ${u:-q}\nEOF\ncat <<'EOF'\n$x\nEOF", '6 q\n$x\n'],
    ['printf "%s-%03d|" a 7 b 8', 'a-007|b-008|'],
    ['echo one two | { read -r a b; echo "$b $a"; }', 'two one\n'],
    ['false || echo no; true && echo yes; ! false; echo $?', 'no\nyes\n0\n'],
    ['(exit 4); echo $?; { echo in; } >/tmp/x; cat /tmp/x', '4\nin\n'],
    ['set -e; false || true; if false; then :; fi; echo here; false; echo not', 'here\n'],
    ['trap "echo bye" EXIT; echo hi; exit 0', 'hi\nbye\n'],
    ['cd /tmp; mkdir -p a/b; touch a/x a/b/y; echo a/*; find a -type f | sort', 'a/b a/x\na/b/y\na/x\n'],
    ['IFS=:; set -- a:b:c; IFS=" "; echo $1', 'a:b:c\n'],
    ['echo 1 2 3 | tr " " "\\n" | sed -n "2p;s/3/three/p"', '2\nthree\n'],
    ['printf "b 2\\na 10\\n" | sort -k2 -n | cut -d" " -f1 | paste -sd,', 'b,a\n'],
    ['x=1; (x=2); echo $x; x=3 env | grep ^x=', '1\nx=3\n'],
    ['echo a >/tmp/l; echo b >>/tmp/l; { echo e >&2; } 2>>/tmp/l; wc -l </tmp/l', '3\n'],
    ['sleep 5 & wait $!; echo waited', 'waited\n'],
    ['s=$(date +%s); sleep 90; e=$(date +%s); echo $((e - s >= 90))', '1\n'],
    [
      'bash -c \'[[ abc == a* && abc =~ ^a(b)c$ ]] && echo "${BASH_REMATCH[1]}"; a=(x "y z"); echo ${#a[@]}\'',
      'b\n2\n',
    ],
    ['echo "grüße" | base64 | base64 -d; printf %s abc | sha256sum | cut -c1-8', 'grüße\nba7816bf\n'],
    ['yes | head -n 2; echo ${PIPESTATUS:-none}', 'y\ny\nnone\n'],
    ['while getopts ab:c o -a -b v -c; do echo "$o ${OPTARG:-}"; done', 'a \nb v\nc v\n'],
    ['timeout 2 sleep 10; echo $?; kill -0 $$ && echo alive', '124\nalive\n'],
  ])('%s', async (script, output) => {
    expect((await createTestMachine().run(script)).out).toBe(output);
  });

  test('what cannot be run fails with the code and text of sh', async () => {
    const { run } = createTestMachine();
    expect(await run('nosuch; echo $?')).toMatchObject({
      out: '127\n',
      err: expect.stringContaining('nosuch: not found'),
    });
    expect(await run('echo x >/nosuch/dir')).toMatchObject({
      code: 2,
      err: expect.stringContaining('/nosuch/dir'),
    });
    expect((await run('set -u; echo $unset; echo not')).code).toBe(2);
    expect((await run('if')).code).toBe(2);
    expect((await run('kill -9 $$')).code).toBe(137);
  });
});

describe('the system of a simulated guest can be changed and looked at', () => {
  test('an installed package brings its programs, units and groups, and takes them with it', async () => {
    const { run } = createTestMachine();
    expect((await run('docker --version')).code).toBe(127);
    const install = await run(
      'apt-get update -qq && apt-get install -y -qq docker.io && docker --version && systemctl is-active docker && getent group docker | cut -d: -f1',
    );
    expect(install.out).toMatch(/^Docker version 28\.\d+\.\d+, build \w+\nactive\ndocker\n$/);
    expect((await run("dpkg-query -W -f='${Status}' docker.io")).out).toBe('install ok installed');
    expect((await run('apt-get purge -y -qq docker.io; command -v docker')).code).toBe(127);
    expect(await run('apt-get install -y nosuch-package')).toMatchObject({
      code: 100,
      err: expect.stringContaining('Unable to locate package nosuch-package'),
    });
  });

  test('a package of another repository can be found only after its source was added and the index updated', async () => {
    const { run } = createTestMachine();
    expect((await run('apt-get update -qq; apt-get install -y docker-ce')).code).toBe(100);
    await run(
      'echo "deb https://download.docker.com/linux/ubuntu noble stable" >/etc/apt/sources.list.d/docker.list',
    );
    expect((await run('apt-get install -y -qq docker-ce')).code).toBe(100);
    expect(
      (await run('apt-get update -qq && apt-get install -y -qq docker-ce && docker --version')).code,
    ).toBe(0);
  });

  test('users, groups and their files belong together', async () => {
    const { run } = createTestMachine();
    const end = await run(
      'groupadd ops; useradd -m -s /bin/bash -G ops,sudo ann; id -nG ann; stat -c %U:%a /home/ann; su - ann -c "whoami; pwd"; echo ann:secret | chpasswd; passwd -S ann | cut -d" " -f2; userdel -r ann; id ann',
    );
    expect(end.out).toBe('ann sudo ops\nann:750\nann\n/home/ann\nP\n');
    expect(end.code).toBe(1);
  });

  test('a detached job outlives the shell that started it, keeps its exit code in a file, and can be killed by its unit', async () => {
    const { run, machine } = createTestMachine();
    const start =
      'mkdir -p /var/jobs/1; cd /var/jobs/1; systemd-run --quiet --collect --unit=job-1 --working-directory=/var/jobs/1 /bin/sh -c "echo begun >log; sleep 60; echo ended >>log; echo 7 >rc"';
    expect((await run(start)).code).toBe(0);
    expect((await run('systemctl is-active job-1; cat /var/jobs/1/log; cat /var/jobs/1/rc')).out).toBe(
      'active\nbegun\n',
    );
    await machine.clock.advance(61_000);
    expect((await run('systemctl is-active job-1; cat /var/jobs/1/log /var/jobs/1/rc')).out).toBe(
      'inactive\nbegun\nended\n7\n',
    );
    await run('systemd-run --quiet --unit=job-2 sleep 600; setsid sleep 600 & sleep 1; systemctl stop job-2');
    expect((await run('systemctl is-active job-2; pgrep -c sleep >/dev/null && echo left')).out).toBe(
      'inactive\nleft\n',
    );
  });

  test('a unit that the guest has written runs its own program', async () => {
    const { run } = createTestMachine();
    const unit =
      '[Unit]\\nDescription=Mine\\n[Service]\\nType=oneshot\\nRemainAfterExit=yes\\nExecStart=/bin/sh -c "echo ran >/root/ran"\\n[Install]\\nWantedBy=multi-user.target\\n';
    expect(
      (
        await run(
          `printf '${unit}' >/etc/systemd/system/mine.service; systemctl daemon-reload; systemctl enable --now mine; systemctl is-enabled mine; systemctl is-active mine; cat /root/ran`,
        )
      ).out,
    ).toBe('enabled\nactive\nran\n');
  });

  test('time zone, locale, host name and sysctl read back as set', async () => {
    const end = await outputOf(
      'timedatectl set-timezone Europe/Vienna; timedatectl show -p Timezone --value; hostnamectl set-hostname box; hostname; printf "vm.swappiness = 10\\n" >/etc/sysctl.d/9.conf; sysctl --system; sysctl -n vm.swappiness; locale-gen de_DE.UTF-8 >/dev/null; locale -a | grep de_DE',
    );
    expect(end).toBe('Europe/Vienna\nbox\n10\nde_DE.utf8\n');
  });
});

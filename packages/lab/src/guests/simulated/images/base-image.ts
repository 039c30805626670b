import { directoryNode, type FileNode, fileNode, linkNode } from '../files/file-node.js';
import { type ImageFiles, imageFiles } from '../files/file-tree.js';
import { parentOf } from '../files/paths.js';
import { programContent } from '../system/machine.js';
import { type Distribution, distributionOf } from './distributions.js';
import { imagePackages, packageTable } from './package-table.js';
import { serviceFile, systemUnits } from './unit-files.js';

/** Programs of every image, by directory. */
const basicPrograms =
  'sh cat echo printf mkdir rmdir rm mv cp ln chmod chown chgrp touch ls stat readlink realpath basename dirname pwd test [ true false ' +
  'grep egrep fgrep sed awk head tail wc cut sort uniq tr tee xargs find seq yes rev nl paste comm diff cmp expr env sleep date uname hostname id whoami groups ' +
  'kill ps pgrep pkill sync df du free uptime dd od hexdump md5sum sha1sum sha256sum sha512sum base64 tar gzip gunzip zcat truncate mktemp install nproc ' +
  'which nohup setsid timeout mount umount mountpoint dmesg logger split tac fold expand arch tty who shuf numfmt chattr lsattr lsblk blkid findmnt getconf';
const fullPrograms =
  'bash dash getent su sudo systemctl systemd-run journalctl timedatectl localectl hostnamectl loginctl systemd-detect-virt systemd-analyze systemd-tmpfiles busctl ' +
  'apt-get apt apt-cache apt-config apt-mark dpkg dpkg-query dpkg-deb add-apt-repository gpg curl wget cloud-init cloud-id ip ss ping python3 perl ssh-keygen ssh ' +
  'passwd chage login crontab lsb_release openssl locale localedef rsync nano vim less more vi file strace xz bzip2 lsof iconv wall udevadm netplan resolvectl ' +
  'debconf-set-selections resize2fs growpart modprobe lsmod';
const fullAdminPrograms =
  'useradd usermod userdel groupadd groupdel groupmod gpasswd adduser addgroup deluser chpasswd update-ca-certificates visudo sysctl iptables ip6tables ' +
  'reboot shutdown poweroff halt locale-gen update-locale dpkg-reconfigure fstrim blockdev mkfs.ext4 mkswap swapon swapoff fsfreeze sshd cron qemu-ga ' +
  'update-grub update-initramfs service invoke-rc.d update-rc.d ldconfig nologin fdisk parted sfdisk e2fsck tune2fs update-alternatives';

const images = new Map<string, { distribution: Distribution; files: ImageFiles }>();

/** The files of an image by its label, and what distribution it is. The same for all disks of that image. */
export function baseImage(label: string): { distribution: Distribution; files: ImageFiles } {
  const known = images.get(label);
  if (known !== undefined) return known;
  const distribution = distributionOf(label);
  const made = { distribution, files: imageFiles(imageNodes(distribution)) };
  images.set(label, made);
  return made;
}

/** When the files of an image were made. */
const imageTime = 1_757_000_000;

function imageNodes(distribution: Distribution): Map<string, FileNode> {
  const nodes = new Map<string, FileNode>();
  const directory = (path: string, mode = 0o755) => {
    if (path !== '/' && !nodes.has(parentOf(path))) directory(parentOf(path));
    if (!nodes.has(path)) nodes.set(path, directoryNode(mode, imageTime));
  };
  const put = (path: string, node: FileNode) => {
    directory(parentOf(path));
    nodes.set(path, node);
  };
  const file = (path: string, content: string, mode = 0o644) => put(path, fileNode(content, mode, imageTime));
  const program = (path: string, name = path.replace(/^.*\//, '')) => file(path, programContent(name), 0o755);
  directory('/');
  for (const path of [
    '/boot',
    '/dev',
    '/etc',
    '/home',
    '/media',
    '/mnt',
    '/opt',
    '/proc',
    '/run',
    '/srv',
    '/sys',
    '/usr/bin',
    '/usr/sbin',
    '/usr/lib',
    '/usr/local/bin',
    '/usr/local/sbin',
    '/usr/share',
    '/var/cache',
    '/var/lib',
    '/var/log',
    '/var/spool',
    '/var/opt',
  ])
    directory(path);
  directory('/root', 0o700);
  directory('/tmp', 0o1777);
  directory('/var/tmp', 0o1777);
  for (const name of ['bin', 'sbin', 'lib']) put(`/${name}`, linkNode(`usr/${name}`, imageTime));
  put('/var/run', linkNode('/run', imageTime));
  put('/var/lock', linkNode('/run/lock', imageTime));
  for (const name of basicPrograms.split(' ')) program(`/usr/bin/${name}`);
  addDevices(put);
  addProcSys(file, distribution);
  file('/etc/os-release', osRelease(distribution));
  if (!distribution.full) {
    addMinimalAccounts(file);
    return nodes;
  }
  put('/etc/os-release', linkNode('../usr/lib/os-release', imageTime));
  file('/usr/lib/os-release', osRelease(distribution));
  for (const name of fullPrograms.split(' '))
    program(`/usr/bin/${name}`, name === 'bash' || name === 'dash' ? 'sh' : name);
  for (const name of fullAdminPrograms.split(' ')) program(`/usr/sbin/${name}`);
  if (distribution.packages !== 'apt') {
    for (const name of [
      'apt-get',
      'apt',
      'apt-cache',
      'apt-config',
      'apt-mark',
      'dpkg',
      'dpkg-query',
      'dpkg-deb',
      'add-apt-repository',
    ])
      nodes.delete(`/usr/bin/${name}`);
    for (const name of ['dnf', 'yum', 'rpm']) program(`/usr/bin/${name}`, name === 'rpm' ? 'rpm' : 'dnf');
  }
  addAccounts(file, distribution);
  addConfiguration(file, directory, distribution);
  for (const unit of systemUnits) file(`/usr/lib/systemd/system/${unit.name}`, serviceFile(unit));
  for (const unit of systemUnits) {
    if (unit.enabled === true)
      put(
        `/etc/systemd/system/${unit.wantedBy ?? 'multi-user.target'}.wants/${unit.name}`,
        linkNode(`/usr/lib/systemd/system/${unit.name}`, imageTime),
      );
  }
  return nodes;
}

function osRelease(distribution: Distribution): string {
  const { name, versionId, prettyName, id, codename } = distribution;
  const like =
    id === 'ubuntu'
      ? 'ID_LIKE=debian\n'
      : id === 'rocky' || id === 'almalinux'
        ? 'ID_LIKE="rhel centos fedora"\n'
        : '';
  const version =
    codename === ''
      ? `VERSION="${versionId}"\n`
      : `VERSION="${versionId} (${codename})"\nVERSION_CODENAME=${codename}\n`;
  return `PRETTY_NAME="${prettyName}"\nNAME="${name}"\nVERSION_ID="${versionId}"\n${version}ID=${id}\n${like}${id === 'ubuntu' ? `UBUNTU_CODENAME=${codename}\n` : ''}`;
}

function addDevices(put: (path: string, node: FileNode) => void): void {
  const device = (name: string, kind: Extract<FileNode, { kind: 'device' }>['device'], mode = 0o666) =>
    put(`/dev/${name}`, { kind: 'device', mode, uid: 0, gid: 0, mtime: imageTime, device: kind });
  device('null', 'null');
  device('zero', 'zero');
  device('full', 'full');
  device('random', 'random');
  device('urandom', 'random');
  device('tty', 'tty');
  device('ttyS0', 'tty');
  device('console', 'tty');
  device('stdin', 'stdin');
  device('stdout', 'stdout');
  device('stderr', 'stderr');
  device('sda', 'block', 0o660);
  device('sda1', 'block', 0o660);
  device('sr0', 'block', 0o660);
  put('/dev/shm', directoryNode(0o1777, imageTime));
  put('/dev/virtio-ports', directoryNode(0o755, imageTime));
  device('virtio-ports/org.qemu.guest_agent.0', 'tty');
}

function addProcSys(
  file: (path: string, content: string, mode?: number) => void,
  distribution: Distribution,
): void {
  file(
    '/proc/version',
    `Linux version ${distribution.kernelRelease} (gcc) ${distribution.kernelVersion}\n`,
    0o444,
  );
  file(
    '/proc/cmdline',
    'BOOT_IMAGE=/boot/vmlinuz root=LABEL=cloudimg-rootfs ro console=tty1 console=ttyS0\n',
    0o444,
  );
  file('/proc/filesystems', 'nodev\tsysfs\nnodev\ttmpfs\nnodev\tproc\n\text4\nnodev\toverlay\n', 0o444);
  file('/proc/sys/net/ipv4/ip_forward', '0\n');
  file('/proc/sys/kernel/random/uuid', '00000000-0000-4000-8000-000000000000\n', 0o444);
  file('/proc/loadavg', '0.08 0.03 0.01 1/120 1000\n', 0o444);
  file('/sys/class/dmi/id/product_name', 'Standard PC (i440FX + PIIX, 1996)\n', 0o444);
  file('/sys/class/dmi/id/sys_vendor', 'QEMU\n', 0o444);
}

function addMinimalAccounts(file: (path: string, content: string, mode?: number) => void): void {
  file('/etc/passwd', 'root:x:0:0:root:/root:/bin/sh\n');
  file('/etc/group', 'root:x:0:\n');
  file('/etc/shadow', 'root:*:20000:0:99999:7:::\n', 0o640);
  file('/etc/hostname', 'tiny\n');
}

function addAccounts(
  file: (path: string, content: string, mode?: number) => void,
  distribution: Distribution,
): void {
  const system = [
    'daemon:1:1',
    'bin:2:2',
    'sys:3:3',
    'man:6:12',
    'mail:8:8',
    'www-data:33:33',
    'backup:34:34',
    'nobody:65534:65534',
    'systemd-network:998:998',
    'systemd-resolve:992:992',
    'systemd-timesync:997:997',
    'messagebus:101:101',
    'syslog:102:102',
    'sshd:103:65534',
  ];
  const passwd = [
    'root:x:0:0:root:/root:/bin/bash',
    ...system.map((entry) => {
      const [name, uid, gid] = entry.split(':');
      return `${name}:x:${uid}:${gid}:${name}:/nonexistent:/usr/sbin/nologin`;
    }),
  ];
  const groups = [
    'root:0',
    'daemon:1',
    'bin:2',
    'sys:3',
    'adm:4',
    'tty:5',
    'disk:6',
    'mail:8',
    'man:12',
    'cdrom:24',
    'sudo:27',
    'dip:30',
    'www-data:33',
    'backup:34',
    'shadow:42',
    'plugdev:46',
    'users:100',
    'messagebus:101',
    'syslog:102',
    'lxd:110',
    'nogroup:65534',
    'systemd-journal:999',
    'systemd-network:998',
    'systemd-timesync:997',
    'systemd-resolve:992',
  ];
  if (distribution.packages === 'dnf') groups.push('wheel:10');
  file('/etc/passwd', `${passwd.join('\n')}\n`);
  file(
    '/etc/group',
    `${groups.map((entry) => `${entry.split(':')[0]}:x:${entry.split(':')[1]}:`).join('\n')}\n`,
  );
  file(
    '/etc/shadow',
    `${passwd.map((line) => `${line.split(':')[0]}:*:20000:0:99999:7:::`).join('\n')}\n`,
    0o640,
  );
  file('/etc/gshadow', '', 0o640);
  file('/etc/shells', '/bin/sh\n/usr/bin/sh\n/bin/bash\n/usr/bin/bash\n');
}

function addConfiguration(
  file: (path: string, content: string, mode?: number) => void,
  directory: (path: string, mode?: number) => void,
  distribution: Distribution,
): void {
  file('/etc/hostname', `${distribution.id}\n`);
  file('/etc/hosts', '127.0.0.1 localhost\n::1 ip6-localhost ip6-loopback\n');
  file('/etc/machine-id', 'uninitialized\n', 0o444);
  file('/etc/fstab', 'LABEL=cloudimg-rootfs\t/\text4\tdiscard,commit=30,errors=remount-ro\t0 1\n');
  file('/etc/profile', '# /etc/profile\n');
  file(
    '/etc/environment',
    'PATH="/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin:/usr/games:/usr/local/games:/snap/bin"\n',
  );
  file('/etc/timezone', 'Etc/UTC\n');
  file('/etc/default/locale', 'LANG=C.UTF-8\n');
  file('/etc/locale.conf', 'LANG=C.UTF-8\n');
  file('/etc/locale.gen', '# en_US.UTF-8 UTF-8\n# de_DE.UTF-8 UTF-8\n');
  file('/etc/login.defs', 'UID_MIN 1000\nGID_MIN 1000\nUMASK 022\n');
  file(
    '/etc/sudoers',
    'root ALL=(ALL:ALL) ALL\n%sudo ALL=(ALL:ALL) ALL\n@includedir /etc/sudoers.d\n',
    0o440,
  );
  file('/etc/resolv.conf', 'nameserver 127.0.0.53\noptions edns0 trust-ad\nsearch .\n');
  file('/etc/nsswitch.conf', 'passwd: files systemd\ngroup: files systemd\nhosts: files dns\n');
  file(
    '/etc/ssh/sshd_config',
    'Include /etc/ssh/sshd_config.d/*.conf\nKbdInteractiveAuthentication no\nUsePAM yes\nX11Forwarding yes\nPrintMotd no\nAcceptEnv LANG LC_*\nSubsystem sftp /usr/lib/openssh/sftp-server\n',
  );
  file(
    '/etc/cloud/cloud.cfg',
    `# The top level settings are used as module and base configuration.\nusers:\n  - default\ndisable_root: true\npreserve_hostname: false\nsystem_info:\n  default_user:\n    name: ${distribution.defaultUser}\n`,
  );
  file('/etc/ssl/openssl.cnf', '');
  file('/etc/ssl/certs/ca-certificates.crt', "# the distribution's own certificates\n");
  file('/etc/ca-certificates.conf', '');
  for (const path of [
    '/etc/sudoers.d',
    '/etc/ssh/sshd_config.d',
    '/etc/cloud/cloud.cfg.d',
    '/etc/netplan',
    '/etc/systemd/system',
    '/etc/systemd/network',
    '/etc/profile.d',
    '/etc/sysctl.d',
    '/etc/modules-load.d',
    '/etc/cron.d',
    '/etc/logrotate.d',
    '/etc/security/limits.d',
    '/etc/skel',
    '/usr/local/share/ca-certificates',
    '/usr/local/lib',
    '/usr/local/share',
    '/usr/share/keyrings',
    '/var/lib/cloud',
    '/var/lib/systemd',
    '/var/lib/dpkg/info',
    '/var/log/journal',
    '/var/www',
    '/usr/share/zoneinfo/Europe',
    '/lib/systemd/system',
    '/var/spool/cron',
    '/var/mail',
    '/var/crash',
    '/etc/apt/keyrings',
  ]) {
    if (path !== '/lib/systemd/system') directory(path);
  }
  file('/etc/skel/.bashrc', '# ~/.bashrc\n');
  file('/etc/skel/.profile', '# ~/.profile\n');
  for (const zone of [
    'UTC',
    'Etc/UTC',
    'Europe/Berlin',
    'Europe/London',
    'Europe/Paris',
    'Europe/Vienna',
    'Europe/Zurich',
    'Europe/Madrid',
    'America/New_York',
    'America/Chicago',
    'America/Los_Angeles',
    'Asia/Tokyo',
    'Asia/Singapore',
    'Australia/Sydney',
  ]) {
    file(`/usr/share/zoneinfo/${zone}`, 'TZif2');
  }
  file('/etc/localtime', 'TZif2');
  if (distribution.packages !== 'apt') return;
  const mirror =
    distribution.id === 'debian' ? 'http://deb.debian.org/debian' : 'http://archive.ubuntu.com/ubuntu';
  file(
    `/etc/apt/sources.list.d/${distribution.id}.sources`,
    `Types: deb\nURIs: ${mirror}\nSuites: ${distribution.codename} ${distribution.codename}-updates\nComponents: main universe\n`,
  );
  file('/etc/apt/sources.list', '# see sources.list.d\n');
  directory('/etc/apt/apt.conf.d');
  directory('/etc/apt/preferences.d');
  directory('/etc/apt/trusted.gpg.d');
  file(
    '/var/lib/dpkg/status',
    imagePackages.map((name) => dpkgEntry(name, packageTable[name]?.version ?? '1')).join('\n'),
  );
}

/** A paragraph of /var/lib/dpkg/status. */
export function dpkgEntry(name: string, version: string): string {
  return `Package: ${name}\nStatus: install ok installed\nPriority: optional\nArchitecture: amd64\nVersion: ${version}\nDescription: ${name}\n`;
}

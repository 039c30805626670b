import type { Process, Program } from '../system/process.js';
import { parseOptions } from './options.js';
import { installedPackages } from './packages.js';

const versionOf = (process: Process, name: string): string => {
  const version = installedPackages(process.machine).get(name)?.version ?? '0';
  return version.replace(/^\d+:/, '').replace(/[-~+].*$/, '');
};

/** `docker`: versions, info while the daemon runs, and containers as names in a file. */
const docker: Program = async (process, args) => {
  const installed = installedPackages(process.machine);
  const version = versionOf(process, installed.has('docker-ce') ? 'docker-ce' : 'docker.io');
  const [command = '', sub] = args.filter((arg) => !arg.startsWith('-'));
  if (args.includes('--version') || args.includes('-v')) {
    await process.out(`Docker version ${version}, build abcdef0\n`);
    return 0;
  }
  if (command === 'compose') {
    if (!process.files.exists('/usr/libexec/docker/cli-plugins/docker-compose')) {
      await process.err("docker: 'compose' is not a docker command.\nSee 'docker --help'\n");
      return 1;
    }
    if (sub === 'version')
      await process.out(args.includes('--short') ? '2.40.0\n' : 'Docker Compose version v2.40.0\n');
    return 0;
  }
  if (process.machine.units.state('docker.service')?.active !== 'active') {
    await process.err(
      'Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker daemon running?\n',
    );
    return 1;
  }
  const { values } = parseOptions(args, ['format', 'f']);
  const format = values.get('format') ?? values.get('f');
  if (command === 'info') {
    const fields: Readonly<Record<string, string>> = {
      ServerVersion: version,
      Driver: 'overlay2',
      LoggingDriver: loggingDriver(process),
      CgroupDriver: 'systemd',
      CgroupVersion: '2',
      DockerRootDir: '/var/lib/docker',
      LiveRestoreEnabled: 'false',
    };
    if (format === undefined)
      await process.out(
        `Client:\n Version:    ${version}\nServer:\n Server Version: ${version}\n Storage Driver: overlay2\n Logging Driver: ${loggingDriver(process)}\n Cgroup Version: 2\n`,
      );
    else
      await process.out(
        `${format.replace(/\{\{\s*\.([A-Za-z.]+)\s*\}\}/g, (_match, name: string) => fields[name] ?? '')}\n`,
      );
  } else if (command === 'version') {
    if (format === undefined)
      await process.out(
        `Client:\n Version:           ${version}\nServer:\n Engine:\n  Version:          ${version}\n`,
      );
    else await process.out(`${format.replace(/\{\{[^}]*\}\}/g, version)}\n`);
  } else if (command === 'ps' || command === 'images')
    await process.out(
      args.includes('-q')
        ? ''
        : command === 'ps'
          ? 'CONTAINER ID   IMAGE     COMMAND   CREATED   STATUS    PORTS     NAMES\n'
          : 'REPOSITORY   TAG       IMAGE ID   CREATED   SIZE\n',
    );
  else if (command === 'run' && args.includes('hello-world'))
    await process.out(
      '\nHello from Docker!\nThis message shows that your installation appears to be working correctly.\n',
    );
  return 0;
};

function loggingDriver(process: Process): string {
  return (
    /"log-driver"\s*:\s*"([^"]+)"/.exec(process.files.readIfThere('/etc/docker/daemon.json') ?? '')?.[1] ??
    'json-file'
  );
}

/** `curl` and `wget`: there is no network; URLs of the lab's own world answer with made-up content, all others as if the could not be found. */
const curl: Program = async (process, args) => {
  const { flags, values, operands } = parseOptions(args, [
    'o',
    'O',
    'H',
    'X',
    'd',
    'm',
    'w',
    'u',
    'A',
    'output',
    'max-time',
    'connect-timeout',
    'retry',
    'retry-delay',
    'header',
    'data',
    'request',
    'write-out',
    'cacert',
    'T',
    'P',
    'output-document',
    'tries',
    'timeout',
    'directory-prefix',
    'proto',
    'tlsv1.2',
  ]);
  const isWget = process.name === 'wget';
  if (flags.has('version') || flags.has('V')) {
    await process.out(
      isWget ? 'GNU Wget 1.21.4 built on linux-gnu.\n' : 'curl 8.5.0 (x86_64-pc-linux-gnu)\n',
    );
    return 0;
  }
  const url = operands.find((operand) => /^[a-z]+:\/\//.test(operand)) ?? operands[0] ?? '';
  const host = /^[a-z]+:\/\/([^/:]+)/.exec(url)?.[1] ?? '';
  await process.sleep(200);
  if (
    !/(^|\.)(docker\.com|ubuntu\.com|debian\.org|github\.com|githubusercontent\.com|k8s\.io|get\.docker\.com|nodesource\.com|postgresql\.org|grafana\.com|hashicorp\.com)$/.test(
      host,
    )
  ) {
    await process.err(
      isWget
        ? `wget: unable to resolve host address '${host}'\n`
        : `curl: (6) Could not resolve host: ${host}\n`,
    );
    return isWget ? 4 : 6;
  }
  const content = /gpg|key|\.asc/.test(url)
    ? '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nmDMEX\n-----END PGP PUBLIC KEY BLOCK-----\n'
    : `# ${url}\n`;
  const named = isWget
    ? (values.get('O') ?? values.get('output-document') ?? url.replace(/^.*\//, ''))
    : (values.get('o') ?? values.get('output'));
  if (named !== undefined && named !== '-') process.files.write(process.path(named), content);
  else await process.out(content);
  return 0;
};

const gpg: Program = async (process, args) => {
  const { values, flags, operands } = parseOptions(args, [
    'o',
    'output',
    'keyring',
    'keyserver',
    'recv-keys',
    'import',
    'homedir',
  ]);
  const output = values.get('o') ?? values.get('output');
  const text =
    operands[0] === undefined || operands[0] === '-'
      ? await process.input()
      : (process.files.readIfThere(process.path(operands[0])) ?? '');
  if (output !== undefined) process.files.write(process.path(output), text);
  else if (flags.has('dearmor')) await process.out(text);
  return 0;
};

const silent: Program = () => 0;

/** A program whose work cannot be left out without lying: it says so, and fails. Asked for its version it succeeds. */
const notSimulated: Program = async (process, args) => {
  if (args.some((arg) => /^(-V|-v|--version)$/.test(arg))) {
    await process.out(`${process.name} 1.0\n`);
    return 0;
  }
  return process.fail('this program is not simulated by the lab; script its answer (lab.guests.script)', 127);
};

const notSimulatedNames =
  'perl python3 awk tar gzip gunzip zcat xz bzip2 dd split expand comm numfmt shuf iconv pip3 make gcc g++ dig nslookup host netstat psql';

/** A program that only says its version. */
const version =
  (text: string): Program =>
  async (process, args) => {
    if (args.some((arg) => /^(-v|-V|--version|version)$/.test(arg))) await process.out(`${text}\n`);
    return 0;
  };

const quietNames =
  'resize2fs growpart modprobe lsmod visudo iptables ip6tables blockdev mkswap swapon swapoff fsfreeze sshd cron qemu-ga update-grub update-initramfs ldconfig nologin ' +
  'fdisk parted sfdisk e2fsck tune2fs update-alternatives chattr lsattr findmnt getconf crontab ss ping cloud-id netplan resolvectl strace lsof wall localedef ' +
  'ssh login nano vim vi less more file fold rsync ufw fail2ban-client htop tmux tree zip unzip traceroute ' +
  'apachectl apache2 haproxy mariadb mariadbd exportfs mount.nfs mount.cifs showmount chronyd chronyc redis-server dockerd containerd ctr runc docker-buildx docker-compose node_exporter ' +
  'ifconfig ipset certbot';

/** Servers, clients of the network, and programs whose work is not simulated. */
export const serverPrograms: Readonly<Record<string, Program>> = {
  ...Object.fromEntries(quietNames.split(' ').map((name) => [name, silent])),
  ...Object.fromEntries(notSimulatedNames.split(' ').map((name) => [name, notSimulated])),
  docker,
  curl,
  wget: curl,
  gpg,
  openssl: version('OpenSSL 3.0.13 30 Jan 2024 (Library: OpenSSL 3.0.13 30 Jan 2024)'),
  nginx: version('nginx version: nginx/1.24.0 (Ubuntu)'),
  git: version('git version 2.43.0'),
  node: version('v18.19.1'),
  jq: notSimulated,
  'redis-cli': async (process) => {
    await process.out('PONG\n');
    return 0;
  },
};

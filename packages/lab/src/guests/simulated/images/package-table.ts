/** A package that the simulated repositories offer: what installing it makes exist. */
export interface PackageEntry {
  readonly version: string;
  /** Names in /usr/bin (or with a path) that it brings; they are programs of the simulation if it knows them, else print nothing and succeed. */
  readonly commands?: readonly string[];
  /** Units that it brings, enabled and started by its installation unless `static`. */
  readonly services?: readonly string[];
  readonly staticServices?: readonly string[];
  readonly groups?: readonly string[];
  /** System accounts that it makes, each with a group of its name. */
  readonly users?: readonly string[];
  /** Configuration files that it brings, by path; one that is there already is left alone. */
  readonly files?: Readonly<Record<string, string>>;
  readonly depends?: readonly string[];
  /** The host in a sources list that must be configured before the package can be found. */
  readonly repository?: string;
}

/** Packages by name. Versions are plausible, not exact. */
export const packageTable: Readonly<Record<string, PackageEntry>> = {
  'apt-transport-https': { version: '2.8.3' },
  apache2: {
    version: '2.4.58-1ubuntu8.8',
    commands: ['/usr/sbin/apache2', 'apachectl'],
    services: ['apache2.service'],
  },
  'bash-completion': { version: '1:2.11-8' },
  'build-essential': { version: '12.10ubuntu1', commands: ['gcc', 'g++', 'make'] },
  'bind9-dnsutils': { version: '1:9.18.39-0ubuntu0.24.04.1', commands: ['dig', 'nslookup', 'host'] },
  'ca-certificates': { version: '20240203', commands: ['/usr/sbin/update-ca-certificates'] },
  chrony: {
    version: '4.5-1ubuntu4.2',
    commands: ['chronyc', '/usr/sbin/chronyd'],
    services: ['chrony.service'],
  },
  'cifs-utils': { version: '2:7.0-2ubuntu0.2', commands: ['/usr/sbin/mount.cifs'] },
  'containerd.io': {
    version: '1.7.28-1~ubuntu.24.04~noble',
    commands: ['containerd', 'ctr', 'runc'],
    services: ['containerd.service'],
    repository: 'download.docker.com',
  },
  containerd: {
    version: '1.7.28-0ubuntu1~24.04.1',
    commands: ['containerd', 'ctr'],
    services: ['containerd.service'],
    depends: ['runc'],
  },
  cron: { version: '3.0pl1-184ubuntu2', commands: ['crontab', '/usr/sbin/cron'], services: ['cron.service'] },
  curl: { version: '8.5.0-2ubuntu10.6', commands: ['curl'] },
  dnsutils: { version: '1:9.18.39-0ubuntu0.24.04.1', depends: ['bind9-dnsutils'] },
  'docker-buildx-plugin': {
    version: '0.29.1-1~ubuntu.24.04~noble',
    commands: ['/usr/libexec/docker/cli-plugins/docker-buildx'],
    repository: 'download.docker.com',
  },
  'docker-ce': {
    version: '5:28.5.1-1~ubuntu.24.04~noble',
    commands: ['dockerd'],
    services: ['docker.service', 'docker.socket'],
    groups: ['docker'],
    depends: ['containerd.io', 'docker-ce-cli', 'iptables'],
    repository: 'download.docker.com',
  },
  'docker-ce-cli': {
    version: '5:28.5.1-1~ubuntu.24.04~noble',
    commands: ['docker'],
    repository: 'download.docker.com',
  },
  'docker-compose-plugin': {
    version: '2.40.0-1~ubuntu.24.04~noble',
    commands: ['/usr/libexec/docker/cli-plugins/docker-compose'],
    repository: 'download.docker.com',
  },
  'docker-compose-v2': {
    version: '2.37.1+ds1-0ubuntu2~24.04.1',
    commands: ['/usr/libexec/docker/cli-plugins/docker-compose'],
  },
  'docker.io': {
    version: '28.2.2-0ubuntu1~24.04.1',
    commands: ['docker', 'dockerd'],
    services: ['docker.service', 'docker.socket'],
    groups: ['docker'],
    depends: ['containerd', 'iptables'],
  },
  fail2ban: { version: '1.0.2-3ubuntu0.1', commands: ['fail2ban-client'], services: ['fail2ban.service'] },
  git: { version: '1:2.43.0-1ubuntu7.3', commands: ['git'] },
  gnupg: { version: '2.4.4-2ubuntu17.3', commands: ['gpg'] },
  haproxy: { version: '2.8.5-1ubuntu3.4', commands: ['/usr/sbin/haproxy'], services: ['haproxy.service'] },
  htop: { version: '3.3.0-4build1', commands: ['htop'] },
  iproute2: { version: '6.1.0-1ubuntu6.2', commands: ['ip', 'ss'] },
  'iputils-ping': { version: '3:20240117-1ubuntu0.1', commands: ['ping'] },
  iptables: { version: '1.8.10-3ubuntu2', commands: ['/usr/sbin/iptables', '/usr/sbin/ip6tables'] },
  jq: { version: '1.7.1-3ubuntu0.24.04.1', commands: ['jq'] },
  less: { version: '590-2ubuntu2.1', commands: ['less'] },
  'lsb-release': { version: '12.0-2', commands: ['lsb_release'] },
  'mariadb-server': {
    version: '1:10.11.13-0ubuntu0.24.04.1',
    commands: ['mariadb', '/usr/sbin/mariadbd'],
    services: ['mariadb.service'],
  },
  nano: { version: '7.2-2ubuntu0.1', commands: ['nano'] },
  'net-tools': { version: '2.10-0.1ubuntu4.4', commands: ['/usr/sbin/ifconfig', 'netstat'] },
  nfs: { version: '1' },
  'nfs-common': {
    version: '1:2.6.4-3ubuntu5.1',
    commands: ['/usr/sbin/mount.nfs', '/usr/sbin/showmount'],
    services: ['nfs-client.target'],
  },
  'nfs-kernel-server': {
    version: '1:2.6.4-3ubuntu5.1',
    commands: ['/usr/sbin/exportfs'],
    services: ['nfs-server.service'],
  },
  nginx: { version: '1.24.0-2ubuntu7.5', commands: ['/usr/sbin/nginx'], services: ['nginx.service'] },
  nodejs: { version: '18.19.1+dfsg-6ubuntu5', commands: ['node'] },
  'openssh-server': {
    version: '1:9.6p1-3ubuntu13.14',
    commands: ['/usr/sbin/sshd', 'ssh-keygen'],
    services: ['ssh.service'],
  },
  openssl: { version: '3.0.13-0ubuntu3.6', commands: ['openssl'] },
  postgresql: { version: '16+257build1.1', commands: ['psql'], services: ['postgresql.service'] },
  'prometheus-node-exporter': { version: '1.7.0-1ubuntu0.3', services: ['prometheus-node-exporter.service'] },
  python3: { version: '3.12.3-0ubuntu2', commands: ['python3'] },
  'python3-pip': { version: '24.0+dfsg-1ubuntu1.3', commands: ['pip3'] },
  'python3-venv': { version: '3.12.3-0ubuntu2' },
  'qemu-guest-agent': {
    version: '1:8.2.2+ds-0ubuntu1.10',
    commands: ['/usr/sbin/qemu-ga'],
    staticServices: ['qemu-guest-agent.service'],
  },
  'redis-server': {
    version: '5:7.0.15-1ubuntu0.24.04.2',
    commands: ['redis-cli', 'redis-server'],
    services: ['redis-server.service'],
    users: ['redis'],
    files: { '/etc/redis/redis.conf': 'bind 127.0.0.1 -::1\nport 6379\n' },
  },
  rsync: { version: '3.2.7-1ubuntu1.2', commands: ['rsync'] },
  rsyslog: { version: '8.2312.0-3ubuntu9.1', services: ['rsyslog.service'] },
  runc: { version: '1.3.3-0ubuntu1~24.04.2', commands: ['runc'] },
  'software-properties-common': { version: '0.99.49.3', commands: ['add-apt-repository'] },
  sudo: { version: '1.9.15p5-3ubuntu5.24.04.1', commands: ['sudo'] },
  'systemd-timesyncd': { version: '255.4-1ubuntu8.10', services: ['systemd-timesyncd.service'] },
  tmux: { version: '3.4-1ubuntu0.1', commands: ['tmux'] },
  traceroute: { version: '1:2.1.5-1', commands: ['traceroute'] },
  tree: { version: '2.1.1-2ubuntu3', commands: ['tree'] },
  tzdata: { version: '2025b-0ubuntu0.24.04.1' },
  ufw: { version: '0.36.2-6', commands: ['/usr/sbin/ufw'], services: ['ufw.service'] },
  'unattended-upgrades': { version: '2.9.1+nmu4ubuntu1', services: ['unattended-upgrades.service'] },
  unzip: { version: '6.0-28ubuntu4.1', commands: ['unzip'] },
  vim: { version: '2:9.1.0016-1ubuntu7.9', commands: ['vim', 'vi'] },
  wget: { version: '1.21.4-1ubuntu4.1', commands: ['wget'] },
  zip: { version: '3.0-13ubuntu0.2', commands: ['zip'] },
  locales: { version: '2.39-0ubuntu8.6', commands: ['/usr/sbin/locale-gen', '/usr/sbin/update-locale'] },
  e2fsprogs: { version: '1.47.0-2.4~exp1ubuntu4.1' },
  'cloud-init': { version: '25.2-0ubuntu1~24.04.1' },
  'cloud-guest-utils': { version: '0.33-1', commands: ['growpart'] },
};

/** What a cloud image has installed from the start. */
export const imagePackages: readonly string[] = [
  'ca-certificates',
  'cloud-guest-utils',
  'cloud-init',
  'cron',
  'curl',
  'e2fsprogs',
  'gnupg',
  'iproute2',
  'iptables',
  'iputils-ping',
  'less',
  'locales',
  'lsb-release',
  'nano',
  'openssh-server',
  'openssl',
  'python3',
  'qemu-guest-agent',
  'rsync',
  'rsyslog',
  'sudo',
  'systemd-timesyncd',
  'tzdata',
  'unattended-upgrades',
  'vim',
  'wget',
];

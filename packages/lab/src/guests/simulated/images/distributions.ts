/** What a simulated guest's operating system is. */
export interface Distribution {
  /** `ubuntu`, `debian` … as in os-release. */
  readonly id: string;
  readonly versionId: string;
  readonly codename: string;
  readonly name: string;
  readonly prettyName: string;
  readonly packages: 'apt' | 'dnf' | 'none';
  readonly kernelRelease: string;
  readonly kernelVersion: string;
  /** The user that cloud images make by default. */
  readonly defaultUser: string;
  /** With systemd, cloud-init and a package manager; otherwise a BusyBox system that only reads its host name and addresses. */
  readonly full: boolean;
}

const codenames: Readonly<Record<string, string>> = {
  '20.04': 'focal',
  '22.04': 'jammy',
  '24.04': 'noble',
  '24.10': 'oracular',
  '25.04': 'plucky',
  '26.04': 'resolute',
  '11': 'bullseye',
  '12': 'bookworm',
  '13': 'trixie',
};

/** The distribution of an image's label, such as `ubuntu 24.04`. */
export function distributionOf(label: string): Distribution {
  const [id = 'ubuntu', versionId = '24.04'] = label.split(' ');
  const codename = codenames[versionId] ?? '';
  switch (id) {
    case 'minimal':
      return {
        id: 'tiny',
        versionId: '1',
        codename: '',
        name: 'Tiny',
        prettyName: 'Tiny guest',
        packages: 'none',
        kernelRelease: '6.1.0-40-cloud-amd64',
        kernelVersion: '#1 SMP PREEMPT_DYNAMIC Debian 6.1.153-1 (2025-09-20)',
        defaultUser: 'root',
        full: false,
      };
    case 'debian':
      return {
        id,
        versionId,
        codename,
        name: 'Debian GNU/Linux',
        prettyName: `Debian GNU/Linux ${versionId} (${codename})`,
        packages: 'apt',
        kernelRelease: versionId === '13' ? '6.12.48+deb13-cloud-amd64' : '6.1.0-40-cloud-amd64',
        kernelVersion: '#1 SMP PREEMPT_DYNAMIC Debian',
        defaultUser: 'debian',
        full: true,
      };
    case 'ubuntu':
      return {
        id,
        versionId,
        codename,
        name: 'Ubuntu',
        prettyName: `Ubuntu ${versionId}${versionId === '24.04' ? '.3' : ''} LTS`,
        packages: 'apt',
        kernelRelease: '6.8.0-85-generic',
        kernelVersion: '#85-Ubuntu SMP PREEMPT_DYNAMIC Thu Sep 18 15:26:59 UTC 2025',
        defaultUser: 'ubuntu',
        full: true,
      };
    default: {
      const name = id.slice(0, 1).toUpperCase() + id.slice(1);
      return {
        id,
        versionId,
        codename,
        name,
        prettyName: `${name} ${versionId}`,
        packages: 'dnf',
        kernelRelease: '6.14.0-63.fc42.x86_64',
        kernelVersion: '#1 SMP PREEMPT_DYNAMIC',
        defaultUser: id === 'almalinux' ? 'almalinux' : id,
        full: true,
      };
    }
  }
}

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { writeCloudInitDrive } from './cloud-init-drive.js';
import { generateCloudInitFiles } from './cloud-init-files.js';
import { readIsoFile } from './read-iso.js';

const config = {
  name: 'tiny',
  ciuser: 'ops',
  cipassword: 'pw',
  net0: 'virtio=BC:24:11:5F:A7:5D,bridge=vmbr0',
  ipconfig0: 'ip=10.9.8.7/24,gw=10.9.8.1',
};
const hostDns = { nameservers: ['10.255.255.53'] };

describe('the texts of a cloud-init drive', () => {
  it('are the ones that a real PVE 9.2 answered for the same guest', () => {
    const files = generateCloudInitFiles({ vmid: 110, config, hostDns });
    expect(files.userData).toBe(
      '#cloud-config\nhostname: tiny\nmanage_etc_hosts: true\nfqdn: tiny\nuser: ops\npassword: pw\nchpasswd:\n  expire: False\nusers:\n  - default\npackage_upgrade: true\n',
    );
    expect(files.networkData).toBe(
      "version: 1\nconfig:\n    - type: physical\n      name: eth0\n      mac_address: 'bc:24:11:5f:a7:5d'\n      subnets:\n      - type: static\n        address: '10.9.8.7'\n        netmask: '255.255.255.0'\n        gateway: '10.9.8.1'\n    - type: nameserver\n      address:\n      - '10.255.255.53'\n",
    );
    expect(files.metaData).toBe('instance-id: e41743872f3c9c29cfc1ae7b28a8fe23ede0044b\n');
  });

  it('derive the full name from the search domain, and leave the upgrade out when it is switched off', () => {
    const files = generateCloudInitFiles({
      vmid: 110,
      config: {
        ...config,
        ciuser: 'root',
        searchdomain: 'x.example',
        ciupgrade: '0',
        sshkeys: 'ssh-ed25519%20AAAA%20a%40b%0A',
      },
      hostDns,
    });
    expect(files.userData).toContain('fqdn: tiny.x.example\nuser: root\ndisable_root: False\n');
    expect(files.userData).toContain('ssh_authorized_keys:\n  - ssh-ed25519 AAAA a@b\nchpasswd:');
    expect(files.userData).not.toContain('package_upgrade');
    expect(files.userData).not.toContain('users:');
  });

  it('use custom files in place of generated ones', () => {
    const files = generateCloudInitFiles({
      vmid: 110,
      config,
      hostDns,
      custom: { user: '#cloud-config\n{}\n' },
    });
    expect(files.userData).toBe('#cloud-config\n{}\n');
    expect(files.metaData).not.toContain('e41743872f3c9c29');
  });
});

describe('the file system of a cloud-init drive', () => {
  it('holds the files under the names that cloud-init looks for, in 4 MiB', () => {
    const files = generateCloudInitFiles({ vmid: 110, config: { ...config, name: 'größe' }, hostDns });
    const image = writeCloudInitDrive(files);
    expect(image.length).toBe(4 * 1024 * 1024);
    expect(readIsoFile(image, 'user-data')?.toString('utf8')).toBe(files.userData);
    expect(readIsoFile(image, 'network-config')?.toString('utf8')).toBe(files.networkData);
    expect(readIsoFile(image, 'nothing')).toBeUndefined();
  });

  it('holds the tree of a config drive for Windows guests', () => {
    const files = generateCloudInitFiles({ vmid: 110, config: { ...config, ostype: 'win11' }, hostDns });
    const image = writeCloudInitDrive(files);
    expect(readIsoFile(image, 'openstack/content/0000')?.toString('utf8')).toContain(
      'iface eth0 inet static',
    );
    expect(readIsoFile(image, 'openstack/latest/meta_data.json')?.toString('utf8')).toContain('content_path');
  });

  it('is refused when the texts are too big', () => {
    const files = generateCloudInitFiles({ vmid: 110, config, hostDns, custom: { user: 'x'.repeat(4e6) } });
    expect(() => writeCloudInitDrive(files)).toThrow('Cloud-Init sum of snippets too big (> 3 MiB)');
  });

  it.runIf(has('xorriso'))(
    'is read by another implementation, both by Rock Ridge and by Joliet names',
    () => {
      const directory = mkdtempSync(join(tmpdir(), 'iso-'));
      try {
        const path = join(directory, 'drive.iso');
        writeFileSync(
          path,
          writeCloudInitDrive(
            generateCloudInitFiles({ vmid: 110, config: { ...config, ostype: 'win11' }, hostDns }),
          ),
        );
        const read = (flags: string[]): string =>
          execFileSync('xorriso', [...flags, '-indev', path, '-find', '/', '-type', 'f', '-exec', 'lsdl'], {
            encoding: 'utf8',
            stdio: ['ignore', 'pipe', 'ignore'],
          });
        expect(read([])).toMatch(/\/openstack\/latest\/vendor_data\.json/);
        expect(read(['-read_fs', 'norock'])).toMatch(/\/openstack\/latest\/vendor_data\.json/);
      } finally {
        rmSync(directory, { recursive: true });
      }
    },
  );
});

function has(program: string): boolean {
  try {
    execFileSync(program, ['-version'], { stdio: 'ignore' });
    return true;
  } catch {
    return false;
  }
}

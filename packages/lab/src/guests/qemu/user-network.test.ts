import { describe, expect, it } from 'vitest';
import { writeIso } from '../../cloudinit-drive/write-iso.js';
import { userNetworkOf } from './user-network.js';

const mac = 'BC:24:11:00:00:01';
const seed = (networkConfig: string): Uint8Array =>
  writeIso({
    label: 'cidata',
    files: new Map([['network-config', Buffer.from(networkConfig)]]),
    joliet: true,
  });

describe('the user-mode network of a NIC', () => {
  it('is QEMU’s usual one where nobody declares an address', () => {
    expect(userNetworkOf({}, 0, mac, [])).toEqual({
      net: '10.0.2.0/24',
      host: '10.0.2.2',
      dns: '10.0.2.3',
      dhcpStart: '10.0.2.15',
    });
    expect(userNetworkOf({ ipconfig0: 'ip=dhcp' }, 0, mac, [Buffer.from('no image')]).net).toBe(
      '10.0.2.0/24',
    );
  });

  it('is the subnet of ipconfigN, with the declared gateway', () => {
    expect(userNetworkOf({ ipconfig0: 'ip=10.9.8.3/24,gw=10.9.8.254' }, 0, mac, [])).toEqual({
      net: '10.9.8.0/24',
      host: '10.9.8.254',
      dns: '10.9.8.4',
      dhcpStart: '10.9.8.15',
    });
  });

  it('is the subnet that an attached seed declares for the NIC with this MAC', () => {
    const text = `version: 2
ethernets:
  other: { match: { macaddress: "00:00:00:00:00:01" }, addresses: [ 10.1.1.1/24 ] }
  eth0:
    match: { macaddress: "bc:24:11:00:00:01" }
    addresses: [ "fd00::2/64", 192.168.7.77/24 ]
    routes: [ { to: default, via: 192.168.7.1 } ]
    nameservers: { addresses: [ 192.168.7.53, 9.9.9.9 ] }
`;
    expect(userNetworkOf({}, 0, mac, [seed(text)])).toEqual({
      net: '192.168.7.0/24',
      host: '192.168.7.1',
      dns: '192.168.7.53',
      dhcpStart: '192.168.7.15',
    });
  });

  it('understands version 1, as PVE writes it', () => {
    const text = `version: 1
config:
    - type: physical
      name: eth0
      mac_address: 'bc:24:11:00:00:01'
      subnets:
      - type: static
        address: '172.16.0.9'
        netmask: '255.255.240.0'
        gateway: '172.16.0.1'
`;
    expect(userNetworkOf({}, 0, mac, [seed(text)])).toMatchObject({
      net: '172.16.0.0/20',
      host: '172.16.0.1',
    });
  });

  it('never hands out the declared address itself', () => {
    const network = userNetworkOf({ ipconfig0: 'ip=10.0.0.1/24' }, 0, mac, []);
    expect([network.host, network.dns, network.dhcpStart]).not.toContain('10.0.0.1');
  });
});

import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';
import { renderNetworkConfig } from './render-network-config.js';

const mac = '52:54:00:AA:BB:01';

describe('renderNetworkConfig', () => {
  test('finds interfaces by MAC address and names them as Proxmox VE does', () => {
    const text = renderNetworkConfig([
      {
        mac,
        ipv4: { kind: 'static', address: '10.0.0.101/24', gateway: '10.0.0.1' },
        nameservers: ['10.0.0.13'],
        searchDomains: ['lan'],
      },
      { mac: '52:54:00:aa:bb:02', ipv4: { kind: 'dhcp' }, mtu: 9000 },
    ]);
    expect(parse(text ?? '')).toEqual({
      version: 2,
      ethernets: {
        eth0: {
          match: { macaddress: '52:54:00:aa:bb:01' },
          'set-name': 'eth0',
          dhcp4: false,
          addresses: ['10.0.0.101/24'],
          routes: [{ to: '0.0.0.0/0', via: '10.0.0.1' }],
          nameservers: { addresses: ['10.0.0.13'], search: ['lan'] },
        },
        eth1: { match: { macaddress: '52:54:00:aa:bb:02' }, 'set-name': 'eth1', dhcp4: true, mtu: 9000 },
      },
    });
  });

  test('writes default routes as networks, which old versions of cloud-init need', () => {
    const text = renderNetworkConfig([
      {
        mac,
        ipv4: { kind: 'static', address: '10.0.0.2/24', gateway: '10.0.0.1' },
        ipv6: { kind: 'static', address: 'fd00::2/64', gateway: 'fd00::1' },
      },
    ]);
    expect(text).not.toMatch(/default|gateway4/);
    expect(parse(text ?? '').ethernets.eth0.routes).toEqual([
      { to: '0.0.0.0/0', via: '10.0.0.1' },
      { to: '::/0', via: 'fd00::1' },
    ]);
  });

  test('reaches a gateway over the link where the prefix holds one address', () => {
    const text = renderNetworkConfig([
      { mac, ipv4: { kind: 'static', address: '203.0.113.5/32', gateway: '198.51.100.1' } },
    ]);
    expect(parse(text ?? '').ethernets.eth0.routes).toEqual([
      { to: '0.0.0.0/0', via: '198.51.100.1', 'on-link': true },
    ]);
  });

  test.each([
    [{ kind: 'dhcp' } as const, { dhcp6: true, 'accept-ra': true }],
    [{ kind: 'auto' } as const, { dhcp6: false, 'accept-ra': true }],
    [{ kind: 'static', address: 'fd00::2/64' } as const, { dhcp6: false, addresses: ['fd00::2/64'] }],
  ])('knows IPv6 by %o', (ipv6, expected) => {
    expect(parse(renderNetworkConfig([{ mac, ipv6 }]) ?? '').ethernets.eth0).toMatchObject(expected);
  });

  test('matches the only interface by its kind of name where the MAC address is not known', () => {
    expect(parse(renderNetworkConfig([{ ipv4: { kind: 'dhcp' } }]) ?? '').ethernets.eth0).toEqual({
      match: { name: 'e*' },
      dhcp4: true,
    });
  });

  test('is absent without interfaces', () => {
    expect(renderNetworkConfig([])).toBeUndefined();
  });

  test.each([
    [[{ ipv4: { kind: 'dhcp' } }, { ipv4: { kind: 'dhcp' } }], 'has no MAC address'],
    [[{ mac }, { mac: mac.toLowerCase() }], 'are the same'],
    [[{ mac: 'x' }], 'expected one such as'],
    [[{ mac, ipv4: { kind: 'static', address: '10.0.0.1' } }], 'with its prefix'],
    [[{ mac, ipv4: { kind: 'static', address: '10.0.0.1/24', gateway: 'fd00::1' } }], 'of another family'],
  ] as const)('refuses %j', (networks, message) => {
    expect(() => renderNetworkConfig([...networks])).toThrow(
      expect.objectContaining({ code: 'CLOUDINIT_NETWORK', message: expect.stringContaining(message) }),
    );
  });
});

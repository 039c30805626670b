import { z } from 'zod';
import {
  AddressList,
  BridgeName,
  Ipv4Address,
  Ipv4Setting,
  Ipv6Address,
  Ipv6Setting,
  MacAddress,
  WordList,
} from './primitives.js';

const common = {
  bridge: BridgeName.optional().meta({ description: 'Bridge or virtual network; default `network_bridge`.' }),
  ip: Ipv4Setting.optional().meta({
    description: '`dhcp`, or the IPv4 address with its prefix.',
    examples: ['dhcp', '10.0.0.101/24'],
  }),
  gw: Ipv4Address.optional().meta({
    description: 'IPv4 gateway; goes with a static `ip`.',
    examples: ['10.0.0.1'],
  }),
  ip6: Ipv6Setting.optional().meta({
    description: '`dhcp`, `auto` (router advertisements), or the IPv6 address with its prefix.',
  }),
  gw6: Ipv6Address.optional().meta({ description: 'IPv6 gateway; goes with a static `ip6`.' }),
  nameserver: AddressList.optional().meta({
    description: 'Name servers: one address, several in one string, or an array.',
    examples: ['10.0.0.13'],
  }),
  nameservers: AddressList.optional().meta({ description: 'The same as `nameserver`.' }),
  searchdomain: WordList.optional().meta({ description: 'Search domains, written as `nameserver` is.' }),
  mac: MacAddress.optional().meta({
    description: 'MAC address; absent: kept as it is, or drawn when the guest is made.',
  }),
  vlan: z.int().min(1).max(4094).optional().meta({ description: 'VLAN tag.' }),
  mtu: z.int().min(576).max(65_520).optional().meta({ description: 'MTU of the interface.' }),
  firewall: z
    .boolean()
    .optional()
    .meta({ description: 'Whether the firewall of Proxmox VE filters this interface.' }),
};

/** One interface of a machine. */
export const MachineNetwork = z
  .strictObject({
    ...common,
    model: z
      .enum(['virtio', 'e1000', 'e1000e', 'rtl8139', 'vmxnet3'])
      .optional()
      .meta({ description: 'Device model; default `virtio`.' }),
  })
  .meta({ description: 'A network interface.' });

/** One interface of a container. */
export const ContainerNetwork = z
  .strictObject({
    ...common,
    name: z
      .string()
      .regex(/^[A-Za-z][A-Za-z0-9._-]{0,14}$/, 'the name of an interface, such as eth0')
      .optional()
      .meta({ description: 'Name of the interface in the container; default `eth0`, `eth1` …' }),
  })
  .meta({ description: 'A network interface of a container.' });

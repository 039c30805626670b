import { expect, test } from 'vitest';
import { parseConfig } from '../config/parse-config.js';
import { digestDeclaration } from './digest-declarations.js';

function declare(guest: object, indentation?: number) {
  const text = JSON.stringify(
    { vms: [{ vmid: 8001, name: 'web', template_image: 'noble-server-cloudimg-amd64.img', ...guest }] },
    null,
    indentation,
  );
  const [declared] = parseConfig([{ file: '/lab/phoenix.json', text }], { homeDirectory: '/lab' }).guests;
  if (declared === undefined) throw new Error('nothing was declared');
  return digestDeclaration(declared);
}

const everything = {
  network_config: { ip: 'dhcp' },
  features: [{ name: 'motd', options: { text: 'hello' } }],
  pve_options: { balloon: 512 },
};

test('where a declaration stands in its file does not count', () => {
  expect(declare(everything, 4)).toBe(declare(everything));
});

test('every value of a declaration counts, whatever an option of a feature is called', () => {
  const digests = [
    everything,
    { ...everything, cores: 3 },
    { ...everything, network_config: { ip: 'dhcp', mtu: 1400 } },
    { ...everything, pve_options: { balloon: 256 } },
    { ...everything, features: [{ name: 'motd', options: { text: 'hello', position: 'top' } }] },
    { ...everything, features: [{ name: 'motd', options: { text: 'hello', position: 'bottom' } }] },
  ].map((guest) => declare(guest));
  expect(new Set(digests).size).toBe(digests.length);
});

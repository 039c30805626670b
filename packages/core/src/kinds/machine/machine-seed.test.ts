import { hashPassword } from '@phoenix/cloudinit';
import { describe, expect, it } from 'vitest';
import { makeConfig } from '../../../test/made-up.js';
import { createRedactor } from '../../secrets/redactor.js';
import { createSecretResolver } from '../../secrets/secret-resolver.js';
import { createPasswordDisguise, type PasswordDisguise } from '../password-disguise.js';
import { createMachineSeed } from './machine-seed.js';

const secrets = createSecretResolver({ redactor: createRedactor(), directory: '/made-up' });

async function seedOf(
  changes: Readonly<Record<string, unknown>>,
  disguise: PasswordDisguise = createPasswordDisguise(),
) {
  const config = makeConfig({
    vms: [
      {
        vmid: 8001,
        name: 'one',
        template_image: 'noble-server-cloudimg-amd64.img',
        network_config: { ip: '10.0.0.101/24', gw: '10.0.0.1' },
        user_config: { username: 'phoenix_user', ...changes },
      },
    ],
  });
  const [machine] = config.guests;
  if (machine?.kind !== 'machine') throw new Error('expected a machine');
  const seed = await createMachineSeed(machine, { featureConfigs: [], secrets, disguise });
  return seed(new Map([[0, 'bc:24:11:00:00:01']]));
}

describe('the seed of a machine', () => {
  it('has the digest that it always had: another one would give every machine a new seed', async () => {
    expect((await seedOf({})).digest).toBe('fc12ac4c78a4');
  });

  it('changes its digest with the password, which is rendered as a hash with a salt of the machine’s own', async () => {
    const [one, other] = await Promise.all([seedOf({ password: 'one' }), seedOf({ password: 'other' })]);
    expect(one.digest).not.toBe(other.digest);
    expect((await seedOf({ password: 'one' })).digest).toBe(one.digest);
    const { userData } = one.render();
    const hash = /\$6\$([^$]+)\$[./0-9A-Za-z]+/.exec(userData);
    expect(hash?.[0]).toBe(hashPassword('one', hash?.[1] ?? ''));
    expect(createPasswordDisguise()('phoenix_user', 'one')).not.toBe(hash?.[0]);
  });

  it('has the password hashed for its digest once for all machines', async () => {
    const hashed: string[] = [];
    const disguise = createPasswordDisguise((password, salt) => {
      hashed.push(password);
      return hashPassword(password, salt);
    });
    for (const password of ['one', 'one', 'other', 'one']) await seedOf({ password }, disguise);
    expect(hashed).toEqual(['one', 'other']);
  });
});

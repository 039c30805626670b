import { describe, expect, it } from 'vitest';
import { readConnection } from './connection.js';

const url = 'https://pve.example.org:8006';
const token = 'root@pam!phoenix=11111111-2222-3333-4444-555555555555';

describe('readConnection', () => {
  it('reads our own names', () => {
    expect(
      readConnection({ PHOENIX_PVE_URL: url, PHOENIX_PVE_TOKEN: token, PHOENIX_PVE_FINGERPRINT: 'AA:BB' }),
    ).toEqual({ url: [url], token, fingerprint: 'AA:BB' });
  });

  it('understands the names of other tools, and prefers its own', () => {
    const others = {
      PROXMOX_VE_ENDPOINT: 'https://other:8006/',
      PROXMOX_VE_API_TOKEN: 'a@pve!b=c',
      PROXMOX_VE_INSECURE: 'true',
    };
    expect(readConnection(others)).toEqual({
      url: ['https://other:8006'],
      token: 'a@pve!b=c',
      insecure: true,
    });
    expect(readConnection({ ...others, PHOENIX_PVE_URL: url }).url).toEqual([url]);
  });

  it('takes several addresses of one cluster', () => {
    expect(
      readConnection({ PHOENIX_PVE_URL: `${url}, https://b:8006`, PHOENIX_PVE_TOKEN: token }).url,
    ).toEqual([url, 'https://b:8006']);
  });

  it('strips the scheme of a token that was copied from a header', () => {
    expect(readConnection({ PHOENIX_PVE_URL: url, PHOENIX_PVE_TOKEN: `PVEAPIToken=${token}` }).token).toBe(
      token,
    );
  });

  it.each([
    [{}, 'CLI_NO_ENDPOINT'],
    [{ PHOENIX_PVE_URL: ' ' }, 'CLI_NO_ENDPOINT'],
    [{ PHOENIX_PVE_URL: 'pve.example.org' }, 'CLI_BAD_ENDPOINT'],
    [{ PHOENIX_PVE_URL: 'ftp://pve' }, 'CLI_BAD_ENDPOINT'],
    [{ PHOENIX_PVE_URL: url }, 'CLI_NO_TOKEN'],
    [{ PHOENIX_PVE_URL: url, PHOENIX_PVE_TOKEN: 'secret' }, 'CLI_BAD_TOKEN'],
  ])('refuses %j with %s', (env, code) => {
    expect(() => readConnection(env)).toThrow(expect.objectContaining({ code, exit: 'connection' }));
  });

  it('says what is wrong with a token without showing it', () => {
    const secret = 'root@pam-phoenix=0123456789';
    expect(() => readConnection({ PHOENIX_PVE_URL: url, PHOENIX_PVE_TOKEN: secret })).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('0123456789') }),
    );
  });
});

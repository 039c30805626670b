import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Lab, startLab } from '../src/index.js';
import { type Call, callerOf } from './support/request.js';

let lab: Lab;
let root: Call;

beforeAll(async () => {
  lab = await startLab({ imageMirror: false });
  root = callerOf(lab);
});
afterAll(() => lab.close());

/** A user of the pve realm with a token, and what it may do: `path: role`. */
async function userWith(name: string, roles: Readonly<Record<string, string>>, privsep = 0): Promise<Call> {
  expect((await root('POST', '/access/users', { userid: `${name}@pve`, password: 'secret123' })).status).toBe(
    200,
  );
  const made = await root('POST', `/access/users/${name}@pve/token/t1`, { privsep });
  for (const [path, role] of Object.entries(roles)) {
    expect((await root('PUT', '/access/acl', { path, roles: role, users: `${name}@pve` })).status).toBe(200);
  }
  const { value } = made.body.data as { value: string };
  return callerOf(lab, `${name}@pve!t1=${value}`);
}

test('a permission is checked before parameters and before what it is about', async () => {
  const nobody = await userWith('nobody', {});
  expect(await nobody('GET', '/nodes/pve/storage/nosuch/content', { bad: 1 })).toMatchObject({
    status: 403,
    reason: 'Permission check failed (/storage/nosuch, Datastore.Audit|Datastore.AllocateSpace)',
  });
  expect(await nobody('POST', '/storage', { storage: 'x', type: 'dir' })).toMatchObject({
    status: 403,
    reason: 'Permission check failed (/storage, Datastore.Allocate)',
  });
});

test('roles hold on a path and below it, unless they do not propagate or something nearer speaks', async () => {
  const auditor = await userWith('auditor', { '/': 'PVEAuditor', '/storage/local': 'NoAccess' });
  const listed = (await auditor('GET', '/storage')).body.data as { storage: string }[];
  expect(listed.map((entry) => entry.storage)).toEqual(['quickOS-vm-disks']);
  await root('PUT', '/access/acl', { path: '/', roles: 'PVEAuditor', users: 'auditor@pve', propagate: 0 });
  expect((await auditor('GET', '/storage')).body.data).toEqual([]);
});

test('a separated token has what both it and its user have', async () => {
  const separated = await userWith('sep', { '/storage': 'PVEDatastoreUser' }, 1);
  expect((await separated('GET', '/storage')).body.data).toEqual([]);
  await root('PUT', '/access/acl', { path: '/storage', roles: 'PVEDatastoreAdmin', tokens: 'sep@pve!t1' });
  const { body } = await separated('GET', '/access/permissions', { path: '/storage/local' });
  expect(Object.keys((body.data as Record<string, object>)['/storage/local'] ?? {}).sort()).toEqual([
    'Datastore.AllocateSpace',
    'Datastore.Audit',
  ]);
});

test('groups give their members what they have', async () => {
  const member = await userWith('member', {});
  await root('POST', '/access/groups', { groupid: 'ops' });
  await root('PUT', '/access/users/member@pve', { groups: 'ops' });
  expect((await member('GET', '/nodes/pve/status')).status).toBe(403);
  await root('PUT', '/access/acl', { path: '/nodes', roles: 'PVEAuditor', groups: 'ops' });
  expect((await member('GET', '/nodes/pve/status')).status).toBe(200);
});

test.each<[string, string, Record<string, unknown>, number, string]>([
  [
    'POST',
    '/access/users',
    { userid: 'a@nosuch' },
    500,
    "create user failed: domain 'nosuch' does not exist",
  ],
  ['GET', '/access/users/nobody@nosuch', {}, 500, "no such user ('nobody@nosuch')"],
  [
    'PUT',
    '/access/acl',
    { path: '/', roles: 'NoSuch', users: 'root@pam' },
    500,
    "ACL update failed: role 'NoSuch' does not exist",
  ],
  [
    'DELETE',
    '/access/roles/Administrator',
    {},
    500,
    "delete role failed: auto-generated role 'Administrator' cannot be deleted",
  ],
])('%s %s with %o answers %i %s', async (method, path, params, status, reason) => {
  expect(await root(method, path, params)).toMatchObject({ status, reason });
});

test('a password logs in, and its ticket is accepted as one', async () => {
  await userWith('login', {});
  const nobody = callerOf(lab, '');
  expect(await nobody('POST', '/access/ticket', { username: 'login@pve', password: 'wrong' })).toMatchObject({
    status: 401,
    reason: 'authentication failure',
  });
  const { body } = await nobody('POST', '/access/ticket', { username: 'login@pve', password: 'secret123' });
  const { ticket } = body.data as { ticket: string };
  expect((await nobody('POST', '/access/ticket', { username: 'login@pve', password: ticket })).status).toBe(
    200,
  );
});

test('methods without a declared permission are for root@pam alone, and no token is that', async () => {
  expect(await root('POST', '/nodes/pve/execute', { commands: '[]' })).toMatchObject({ status: 403 });
});

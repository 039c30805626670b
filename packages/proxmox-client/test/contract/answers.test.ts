import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProxmoxClient, type ProxmoxClient, type ProxmoxError } from '../../src/index.js';
import { type AnsweringServer, refusal, startAnsweringServer } from '../support/answering-server.js';
import { ANSWER_CASES, type AnswerCase } from './answer-cases.js';

let server: AnsweringServer;
let client: ProxmoxClient;
let current: AnswerCase;

beforeAll(async () => {
  server = await startAnsweringServer(() => {
    const { status, reason, empty, message, errors } = current;
    if (empty) return { status, reason, body: '' };
    return refusal(status, reason, { ...(message === undefined ? {} : { message }), errors });
  });
  client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret-of-the-token', retries: 1 });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

describe('recorded refusals of Proxmox VE', () => {
  test.each(ANSWER_CASES)('$name: $status $reason is $code', async (row) => {
    current = row;
    const before = server.requests.length;
    const error: ProxmoxError = await client
      .send({ method: row.method, path: row.path, timeoutMs: 10_000 })
      .then(
        () => expect.unreachable(),
        (reason) => reason,
      );

    expect(error).toMatchObject({
      name: 'ProxmoxError',
      code: row.code,
      status: row.status,
      method: row.method,
      path: row.path,
    });
    expect(error.hint).not.toBe('');
    expect(error.serverMessage).toBe((row.empty ? row.reason : (row.message ?? row.reason)).trim());
    expect(error.message).toContain(`${row.method} ${row.path}`);
    for (const [name, text] of Object.entries(row.errors ?? {})) {
      expect(error.errors?.[name]).toBe(text.trim());
      expect(error.message).toContain(text.trim());
    }
    if (!row.errors) expect(error).not.toHaveProperty('errors');

    // Only a reading call that a gateway answered in the server's place is sent again.
    const repeats = row.method === 'GET' && row.status >= 595 ? 1 : 0;
    expect(server.requests.length - before).toBe(1 + repeats);
  });

  test('a refusal names path and privileges', () => {
    const { permission } = errorOf(
      'Permission check failed (/storage/local, Datastore.Audit|Datastore.AllocateSpace)',
      403,
    );
    return expect(permission).resolves.toEqual({
      path: '/storage/local',
      privileges: ['Datastore.Audit', 'Datastore.AllocateSpace'],
    });
  });

  test('a lock is named', () => expect(errorOf('VM is locked (backup)', 500).lock).resolves.toBe('backup'));
});

/** Texts of PVE's sources that the recordings do not have. */
describe('refusals read in the sources', () => {
  test.each([
    ['PVE_LOCK_TIMEOUT', 500, "can't lock file '/var/lock/qemu-server/lock-100.conf' - got timeout", 2],
    [
      'PVE_LOCK_TIMEOUT',
      500,
      "update pools failed: cfs-lock 'file-user_cfg' error: got lock request timeout",
      2,
    ],
    ['PVE_LOCK_TIMEOUT', 500, "'storage-ceph'-locked command timed out - aborting", 1],
    ['PVE_SERVER', 500, 'got no worker upid - start worker failed', 2],
    ['PVE_NODE_OFFLINE', 500, 'cluster not ready - no quorum?', 1],
    ['PVE_AGENT_NOT_RUNNING', 500, "VM 100 qga command 'guest-exec' failed - got timeout", 1],
    ['PVE_IN_USE', 500, 'unable to remove VM 100 - used in HA resources and purge parameter not set.', 1],
    ['PVE_IN_USE', 500, "pool 'x' is not empty (contains VM 100)", 1],
    ['PVE_STORAGE', 500, "storage 'local' does not support 'import' content", 1],
    ['PVE_STORAGE', 500, "storage 'x' is not available on node 'y'", 1],
    ['PVE_OUTCOME_UNKNOWN', 595, 'No route to host', 1],
    ['PVE_OUTCOME_UNKNOWN', 596, 'Connection timed out', 1],
    ['PVE_OUTCOME_UNKNOWN', 599, 'Too many redirections', 1],
  ] as const)('%s: %i %s', async (code, status, reason, sent) => {
    const before = server.requests.length;
    const { error } = errorOf(reason, status);
    await expect(error).resolves.toMatchObject({ code });
    expect(server.requests.length - before).toBe(sent);
  });
});

function errorOf(reason: string, status: number) {
  current = { name: reason, releases: [], method: 'POST', path: '/x', status, reason, code: 'PVE_SERVER' };
  const error: Promise<ProxmoxError> = client.send({ method: 'POST', path: '/x', timeoutMs: 10_000 }).then(
    () => expect.unreachable(),
    (caught) => caught,
  );
  return {
    error,
    permission: error.then(({ permission }) => permission),
    lock: error.then(({ lock }) => lock),
  };
}

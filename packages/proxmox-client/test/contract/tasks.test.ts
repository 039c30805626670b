import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { createProxmoxClient, type ProxmoxClient, requireTaskOk, waitForTask } from '../../src/index.js';
import { type AnsweringServer, startAnsweringServer } from '../support/answering-server.js';
import { TASK_CASES, type TaskCase } from './task-cases.js';

let server: AnsweringServer;
let client: ProxmoxClient;
let current: TaskCase;

const upidOf = ({ type }: TaskCase): string =>
  `UPID:pve:0000A1B2:01234567:65F0A1B2:${type}:100:root@pam!test:`;

beforeAll(async () => {
  server = await startAnsweringServer(({ path, query }) => {
    const upid = upidOf(current);
    if (path.endsWith('/status')) {
      return {
        data: {
          upid,
          node: 'pve',
          type: current.type,
          id: '100',
          user: 'root@pam',
          starttime: 1,
          pid: 1,
          pstart: 1,
          status: 'stopped',
          exitstatus: current.exitStatus,
        },
      };
    }
    const start = Number(query.get('start') ?? 0);
    return {
      data: current.log.map((t, index) => ({ n: index + 1, t })).slice(start),
      total: current.log.length,
    };
  });
  client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret-of-the-token' });
});

afterAll(async () => {
  await client.close();
  await server.close();
});

describe('recorded ends of tasks', () => {
  test.each(TASK_CASES)('$name: $exitStatus is $outcome', async (row) => {
    current = row;
    const outcome = await waitForTask(client, upidOf(row));
    expect(outcome).toMatchObject({ outcome: row.outcome, exitStatus: row.exitStatus });
    expect(outcome.reasonCode).toBe(row.reasonCode);
    if (row.outcome === 'failed') {
      expect(outcome.logTail).toEqual(row.log);
      expect(() => requireTaskOk(outcome)).toThrow(
        expect.objectContaining({
          code: 'PVE_TASK_FAILED',
          exitStatus: row.exitStatus,
          upid: upidOf(row),
          reasonCode: row.reasonCode,
        }),
      );
    } else {
      expect(requireTaskOk(outcome)).toBe(outcome);
    }
  });
});

import { afterEach, describe, expect, test } from 'vitest';
import {
  cancelTask,
  createProxmoxClient,
  findTask,
  type ProxmoxClient,
  parseUpid,
  printUpid,
  readTaskLog,
  waitForTask,
} from '../src/index.js';
import {
  type AnsweringServer,
  type Reply,
  type SeenRequest,
  startAnsweringServer,
} from './support/answering-server.js';

const UPID = 'UPID:pve2:0000A1B2:01234567:65F0A1B2:qmclone:100:root@pam!test:';
const TASK = {
  upid: UPID,
  node: 'pve2',
  type: 'qmclone',
  id: '100',
  user: 'root@pam',
  tokenid: 'test',
  starttime: 1,
  pid: 1,
  pstart: 1,
};
let server: AnsweringServer;
let client: ProxmoxClient;

afterEach(async () => {
  await client.close();
  await server.close();
});

async function connect(answer: (request: SeenRequest, count: number) => Reply): Promise<void> {
  server = await startAnsweringServer(answer);
  client = createProxmoxClient({ url: server.url, token: 'root@pam!test=secret', retries: 0 });
}

/** A task whose log grows by a line with every look, and which ends after so many looks. */
function task({ looks, exitstatus, lines }: { looks: number; exitstatus: string; lines: readonly string[] }) {
  let looked = 0;
  return ({ path, query }: SeenRequest): Reply => {
    if (path.endsWith('/status')) {
      looked++;
      return {
        data: looked < looks ? { ...TASK, status: 'running' } : { ...TASK, status: 'stopped', exitstatus },
      };
    }
    const there = lines.slice(0, looked < looks ? looked : lines.length);
    const start = Number(query.get('start'));
    const page = there
      .map((t, index) => ({ n: index + 1, t }))
      .slice(start, start + Number(query.get('limit')));
    return { data: page.length > 0 ? page : [{ n: start + 1, t: 'no content' }], total: there.length };
  };
}

describe('waiting for a task', () => {
  test('it is asked at its own node, by its whole id', async () => {
    await connect(task({ looks: 1, exitstatus: 'OK', lines: ['TASK OK'] }));
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({
      outcome: 'ok',
      exitStatus: 'OK',
      warnings: [],
      logTail: [],
    });
    expect(server.requests.map(({ path }) => decodeURIComponent(path))).toEqual([
      `/nodes/pve2/tasks/${UPID}/status`,
    ]);
  });

  test('every line of the log comes once and in order', async () => {
    const lines = ['create full clone of drive scsi0', 'transferred 1 of 2', 'transferred 2 of 2', 'TASK OK'];
    await connect(task({ looks: 3, exitstatus: 'OK', lines }));
    const seen: string[] = [];
    await waitForTask(client, UPID, { onLog: ({ text }) => seen.push(text) });
    expect(seen).toEqual(lines);
  });

  test('warnings are a success that says what they are', async () => {
    const lines = ['WARN: Systemd 255 detected. You may need to enable nesting.', 'done', 'TASK WARNINGS: 1'];
    await connect(task({ looks: 1, exitstatus: 'WARNINGS: 1', lines }));
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({
      outcome: 'warnings',
      warnings: ['Systemd 255 detected. You may need to enable nesting.'],
      logTail: lines,
    });
  });

  test('a status that was read too early is read again', async () => {
    let count = 0;
    await connect(({ path }) =>
      path.endsWith('/status')
        ? { data: { ...TASK, status: 'stopped', exitstatus: ++count < 3 ? 'unexpected status' : 'OK' } }
        : { data: [] },
    );
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({ outcome: 'ok' });
  });

  test('a worker that died is a failure', async () => {
    await connect(task({ looks: 1, exitstatus: 'unexpected status', lines: ['half way'] }));
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({
      outcome: 'failed',
      exitStatus: 'unexpected status',
      logTail: ['half way'],
    });
  });

  test('an outage in between passes unnoticed', async () => {
    let count = 0;
    await connect(() =>
      ++count === 2
        ? 'cut'
        : {
            data:
              count < 4 ? { ...TASK, status: 'running' } : { ...TASK, status: 'stopped', exitstatus: 'OK' },
          },
    );
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({ outcome: 'ok' });
  });

  test('an outage while the end of a log is read passes unnoticed too', async () => {
    const answer = task({ looks: 1, exitstatus: 'WARNINGS: 1', lines: ['WARN: no space for the swap'] });
    let cut = false;
    await connect((request) => {
      if (!request.path.endsWith('/log') || cut) return answer(request);
      cut = true;
      return 'cut';
    });
    await expect(waitForTask(client, UPID)).resolves.toMatchObject({
      outcome: 'warnings',
      warnings: ['no space for the swap'],
    });
    expect(cut).toBe(true);
  });

  test('a ticket that ends and a node that goes away in between are not noticed, and no line is lost', async () => {
    const lines = ['one', 'two', 'three', 'four'];
    const answer = task({ looks: 4, exitstatus: 'OK', lines });
    let ticket = 0;
    let looks = 0;
    server = await startAnsweringServer((request) => {
      if (request.path === '/access/ticket')
        return { data: { ticket: `ticket-${++ticket}`, CSRFPreventionToken: 'csrf' } };
      if (request.path.endsWith('/status')) looks++;
      // The first ticket ends before the second look; after the third the node is gone.
      if (looks >= 2 && request.headers.cookie === 'PVEAuthCookie=ticket-1')
        return { status: 401, reason: 'No ticket', body: '' };
      return looks > 3 ? 'cut' : answer(request);
    });
    const other = await startAnsweringServer(answer);
    client = createProxmoxClient({
      url: [server.url, other.url],
      ticket: { username: 'root@pam', password: 'correct horse' },
    });
    const seen: string[] = [];
    await expect(waitForTask(client, UPID, { onLog: ({ text }) => seen.push(text) })).resolves.toMatchObject({
      outcome: 'ok',
    });
    expect(seen).toEqual(lines);
    expect(ticket).toBe(2);
    expect(other.requests.length).toBeGreaterThan(0);
    await other.close();
  });

  test('an outage that lasts ends the wait', async () => {
    await connect(() => 'cut');
    await expect(waitForTask(client, UPID, { patienceMs: 0 })).rejects.toMatchObject({
      code: 'PVE_UNREACHABLE',
    });
  });

  test('a time limit ends the wait and says that the task goes on', async () => {
    await connect(task({ looks: 1000, exitstatus: 'OK', lines: [] }));
    await expect(waitForTask(client, UPID, { timeoutMs: 150 })).rejects.toMatchObject({
      code: 'PVE_TIMEOUT',
      message: expect.stringContaining('goes on'),
    });
  });

  test('the reason of the signal ends the wait', async () => {
    await connect(task({ looks: 1000, exitstatus: 'OK', lines: [] }));
    const reason = new Error('enough');
    const controller = new AbortController();
    const wait = waitForTask(client, UPID, { signal: controller.signal });
    await expect.poll(() => server.requests.length).toBeGreaterThan(0);
    controller.abort(reason);
    await expect(wait).rejects.toBe(reason);
  });
});

describe('the log of a task', () => {
  test('is read to the end of the task, over several pages', async () => {
    const lines = Array.from({ length: 1203 }, (_, index) => `line ${index + 1}`);
    await connect(task({ looks: 2, exitstatus: 'OK', lines }));
    const seen: string[] = [];
    for await (const { text } of readTaskLog(client, { upid: UPID })) seen.push(text);
    expect(seen).toEqual(lines);
  });

  test('goes on after a line that was seen', async () => {
    await connect(task({ looks: 1, exitstatus: 'OK', lines: ['a', 'b', 'c'] }));
    const seen: number[] = [];
    for await (const { line } of readTaskLog(client, { upid: UPID, after: 2 })) seen.push(line);
    expect(seen).toEqual([3]);
  });

  test('of a task that nobody knows is empty', async () => {
    await connect(() => ({ data: { n: 1, t: 'unable to open file - No such file or directory' } }));
    for await (const line of readTaskLog(client, { upid: UPID, follow: false }))
      expect.unreachable(line.text);
    expect(server.requests).toHaveLength(1);
  });
});

describe('other calls', () => {
  test('a task is cancelled at its node', async () => {
    await connect(() => ({ data: null }));
    await cancelTask(client, UPID);
    expect(server.requests[0]).toMatchObject({
      method: 'DELETE',
      path: expect.stringContaining('/nodes/pve2/tasks/'),
    });
  });

  test('the newest task of a type on a guest is found, running ones included', async () => {
    await connect(() => ({
      data: [
        { ...TASK, starttime: 5 },
        { ...TASK, starttime: 9 },
      ],
    }));
    await expect(
      findTask(client, { node: 'pve2', type: 'qmclone', vmid: 100, since: 4 }),
    ).resolves.toMatchObject({ starttime: 9 });
    expect(Object.fromEntries(server.requests[0]?.query ?? [])).toEqual({
      source: 'all',
      vmid: '100',
      typefilter: 'qmclone',
      since: '4',
    });
  });

  test('a UPID reads back as it was printed', async () => {
    await connect(() => ({ data: null }));
    expect(printUpid(parseUpid(UPID))).toBe(UPID);
    expect(() => parseUpid('UPID:nonsense')).toThrow(expect.objectContaining({ code: 'PVE_OPTIONS' }));
  });
});

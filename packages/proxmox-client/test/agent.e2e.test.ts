import fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';
import {
  agentCommand,
  agentExec,
  agentPing,
  agentReadFile,
  agentWriteFile,
  createProxmoxClient,
  type ProxmoxClient,
} from '../src/index.js';
import {
  type AnsweringServer,
  type Reply,
  refusal,
  type SeenRequest,
  startAnsweringServer,
} from './support/answering-server.js';

const guest = { node: 'pve', vmid: 110 };
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

/** PVE's texts of a program that has ended: valid UTF-8 as text, anything else a character per byte. */
function asPveText(bytes: Buffer): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return bytes.toString('latin1');
  }
}

const ended =
  (rest: object) =>
  ({ path }: SeenRequest): Reply =>
    path.endsWith('/exec') ? { data: { pid: 7 } } : { data: { exited: 1, ...rest } };

describe('a program in the guest', () => {
  test('gets its arguments one by one and its input byte by byte', async () => {
    await connect(ended({ exitcode: 0 }));
    const stdin = Buffer.from([0x00, 0xff, 0xc3, 0xbc, 0x0a]);
    await agentExec(client, { ...guest, argv: ['sh', '-c', 'echo "$1; $2"', 'a b'], stdin });
    const [exec, status] = server.requests;
    expect(exec?.form.getAll('command')).toEqual(['sh', '-c', 'echo "$1; $2"', 'a b']);
    expect(Buffer.from(exec?.form.get('input-data') ?? '', 'latin1')).toEqual(stdin);
    expect(status).toMatchObject({ method: 'GET', path: '/nodes/pve/qemu/110/agent/exec-status' });
  });

  test('is waited for, and its result is taken once', async () => {
    let looks = 0;
    await connect(({ path }) =>
      path.endsWith('/exec')
        ? { data: { pid: 7 } }
        : {
            data:
              ++looks < 3
                ? { exited: 0 }
                : { exited: 1, exitcode: 3, 'out-data': 'tiny\n', 'out-truncated': 0 },
          },
    );
    const result = await agentExec(client, { ...guest, argv: ['hostname'] });
    expect(result).toEqual({
      exitCode: 3,
      stdout: Buffer.from('tiny\n'),
      stderr: Buffer.alloc(0),
      truncated: false,
    });
    expect(looks).toBe(3);
  });

  test('that was killed has a signal and no exit code', async () => {
    await connect(ended({ signal: 9 }));
    const result = await agentExec(client, { ...guest, argv: ['sleep', '9'] });
    expect(result).toMatchObject({ signalNumber: 9 });
    expect(result).not.toHaveProperty('exitCode');
  });

  test('prints exactly what it prints: text in UTF-8 and bytes that are no text', async () => {
    for (const bytes of [
      Buffer.from('tiny ü → 漢\n'),
      Buffer.from([0xff, 0xfe, 0xc3, 0xbc, 0x00, 0x7a]),
      Buffer.from('plain'),
    ]) {
      await connect(ended({ exitcode: 0, 'out-data': asPveText(bytes) }));
      expect(Buffer.from((await agentExec(client, { ...guest, argv: ['x'] })).stdout)).toEqual(bytes);
      await client.close();
      await server.close();
    }
    await connect(ended({}));
  });

  test('of which a result was lost on the way is not asked again', async () => {
    await connect(({ path }) => (path.endsWith('/exec') ? { data: { pid: 7 } } : 'cut'));
    await expect(agentExec(client, { ...guest, argv: ['x'] })).rejects.toMatchObject({
      code: 'PVE_OUTCOME_UNKNOWN',
    });
    expect(server.requests).toHaveLength(2);
  });

  test('that does not exist is answered with 596, and the hint says so', async () => {
    await connect(() => ({ status: 596, reason: 'Broken pipe', body: '' }));
    await expect(agentExec(client, { ...guest, argv: ['nosuch'] })).rejects.toMatchObject({
      code: 'PVE_OUTCOME_UNKNOWN',
      hint: expect.stringContaining('nosuch'),
    });
  });

  test('that goes on too long is left to itself', async () => {
    await connect(({ path }) => (path.endsWith('/exec') ? { data: { pid: 7 } } : { data: { exited: 0 } }));
    await expect(agentExec(client, { ...guest, argv: ['sleep', '9'], timeoutMs: 120 })).rejects.toMatchObject(
      { code: 'PVE_TIMEOUT', message: expect.stringContaining('process 7') },
    );
  });

  test('takes no more input than PVE does', async () => {
    await connect(() => ({ data: null }));
    await expect(
      agentExec(client, { ...guest, argv: ['cat'], stdin: Buffer.alloc(65_537) }),
    ).rejects.toMatchObject({ code: 'PVE_OPTIONS' });
    expect(server.requests).toEqual([]);
  });
});

describe('a file in the guest', () => {
  test('of any bytes is written in one call when it is small', async () => {
    await connect(() => ({ data: null }));
    await fc.assert(
      fc.asyncProperty(fc.uint8Array({ maxLength: 2_000 }), async (content) => {
        await agentWriteFile(client, { ...guest, path: '/tmp/x', content });
        const form = server.requests.at(-1)?.form;
        expect(form?.get('encode')).toBe('0');
        expect(form?.get('file')).toBe('/tmp/x');
        expect(Buffer.from(form?.get('content') ?? '', 'base64')).toEqual(Buffer.from(content));
      }),
      { numRuns: 25 },
    );
  });

  test('is built from pieces beside the target when it is large, and moved into place', async () => {
    const written: Buffer[] = [];
    const scripts: string[] = [];
    await connect(({ path, form }) => {
      if (path.endsWith('/file-write')) written.push(Buffer.from(form.get('content') ?? '', 'base64'));
      if (path.endsWith('/exec')) {
        scripts.push(form.getAll('command').slice(2).join(' '));
        if (form.has('input-data')) written.push(Buffer.from(form.get('input-data') ?? '', 'latin1'));
        return { data: { pid: 1 } };
      }
      return { data: path.endsWith('/exec-status') ? { exited: 1, exitcode: 0 } : null };
    });
    const content = Buffer.from(Array.from({ length: 200_000 }, (_, index) => (index * 7) % 256));
    await agentWriteFile(client, { ...guest, path: '/etc/x', content, mode: 0o640 });
    expect(Buffer.concat(written).equals(content)).toBe(true);
    expect(written.every(({ byteLength }) => byteLength <= 65_536)).toBe(true);
    expect(scripts.at(-1)).toContain('200000');
    expect(scripts.at(-1)).toContain('chmod 640');
    expect(scripts.at(-1)).toMatch(/mv -f "\$1" "\$2" sh \/etc\/x\.part \/etc\/x$/);
  });

  test('that cannot be written says why', async () => {
    await connect(() =>
      refusal(
        500,
        "Agent error: failed to open file '/nosuch/dir/x' (mode: 'wb'): No such file or directory",
      ),
    );
    await expect(
      agentWriteFile(client, { ...guest, path: '/nosuch/dir/x', content: Buffer.from('x') }),
    ).rejects.toMatchObject({ code: 'PVE_AGENT' });
  });

  test('is read with exactly its bytes, since its length tells text from bytes', async () => {
    let bytes: Buffer = Buffer.alloc(0);
    await connect(() => ({
      data: {
        content: asPveText(bytes),
        'bytes-read':
          asPveText(bytes) === bytes.toString('latin1')
            ? bytes.byteLength
            : [...asPveText(bytes)].join('').length,
      },
    }));
    for (const example of [
      Buffer.from([0x00, 0x01, 0xff, 0x0a]),
      Buffer.from('plain'),
      Buffer.from([0xfc]),
    ]) {
      bytes = example;
      expect(Buffer.from(await agentReadFile(client, { ...guest, path: '/tmp/x' }))).toEqual(example);
    }
  });

  test('longer than asked for is refused', async () => {
    await connect(() => ({ data: { content: 'x'.repeat(100), truncated: 1 } }));
    await expect(agentReadFile(client, { ...guest, path: '/tmp/x', maxBytes: 50 })).rejects.toMatchObject({
      code: 'PVE_AGENT',
    });
  });
});

describe('the agent itself', () => {
  test.each([
    ['QEMU guest agent is not running', 'PVE_AGENT_NOT_RUNNING'],
    ['No QEMU guest agent configured', 'PVE_AGENT_NOT_CONFIGURED'],
    ['VM 110 is not running', 'PVE_NOT_RUNNING'],
  ])('%s is %s', async (text, code) => {
    await connect(() => refusal(500, text));
    await expect(agentPing(client, guest)).rejects.toMatchObject({ code });
  });

  test('an error inside a good answer is an error', async () => {
    await connect(() => ({
      data: {
        result: {
          error: { class: 'CommandNotFound', desc: 'The command guest-get-osinfo has not been found' },
        },
      },
    }));
    await expect(agentCommand(client, { ...guest, command: 'get-osinfo' })).rejects.toMatchObject({
      code: 'PVE_AGENT',
      message: expect.stringContaining('has not been found'),
    });
  });

  test('an answer is what the agent gave', async () => {
    await connect(() => ({ data: { result: { 'host-name': 'tiny' } } }));
    await expect(agentCommand(client, { ...guest, command: 'get-host-name' })).resolves.toEqual({
      'host-name': 'tiny',
    });
  });
});

import { mkdtempSync, rmSync } from 'node:fs';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createQgaClient, type QgaClient } from './qga-client.js';

describe('the client of a guest agent', () => {
  let directory: string;
  let server: Server;
  let client: QgaClient;
  let answer: (request: { execute: string; arguments?: { id?: number } }, socket: Socket) => void;
  const seen: string[] = [];

  beforeEach(async () => {
    directory = mkdtempSync(join(tmpdir(), 'qga-'));
    seen.length = 0;
    server = createServer((socket) => {
      socket.on('error', () => {});
      socket.on('data', (chunk: Buffer) => {
        for (const text of chunk.toString('latin1').split('\n')) {
          if (text === '') continue;
          seen.push(text[0] === '\xff' ? 'reset' : 'plain');
          answer(JSON.parse(Buffer.from(text.replace('\xff', ''), 'latin1').toString('utf8')), socket);
        }
      });
    });
    const path = join(directory, 'qga');
    await new Promise<void>((resolve) => server.listen(path, resolve));
    client = createQgaClient(path);
  });
  afterEach(async () => {
    client.close();
    await new Promise((resolve) => server.close(resolve));
    rmSync(directory, { recursive: true });
  });
  const reply = (socket: Socket, value: unknown): void => {
    socket.write(`${JSON.stringify(value)}\n`);
  };

  it('synchronises once, skips what an earlier client left, and passes UTF-8 unchanged', async () => {
    answer = (request, socket) => {
      if (request.execute === 'guest-sync-delimited') {
        socket.write('{"return": 12}\n{"retu');
        socket.write(
          Buffer.concat([Buffer.from([0xff]), Buffer.from(`{"return": ${request.arguments?.id}}\n`)]),
        );
      } else reply(socket, { return: { echo: request.arguments } });
    };
    const ask = () =>
      client.execute({ execute: 'guest-x', arguments: { text: 'größe 🚀' } }, { timeoutMs: 2000 });
    expect(await Promise.all([ask(), ask()])).toEqual([
      { echo: { text: 'größe 🚀' } },
      { echo: { text: 'größe 🚀' } },
    ]);
    expect(seen).toEqual(['reset', 'plain', 'plain']);
  });

  it('passes on what the agent refuses and stays usable', async () => {
    answer = (request, socket) => {
      if (request.execute === 'guest-sync-delimited') reply(socket, { return: request.arguments?.id });
      else if (request.execute === 'guest-bad')
        reply(socket, { error: { class: 'GenericError', desc: "Invalid parameter 'pid'" } });
      else reply(socket, { return: {} });
    };
    await expect(client.execute({ execute: 'guest-bad' }, { timeoutMs: 2000 })).rejects.toMatchObject({
      class: 'GenericError',
      message: "Invalid parameter 'pid'",
    });
    expect(await client.execute({ execute: 'guest-ping' }, { timeoutMs: 2000 })).toEqual({});
  });

  it('gives up in time, and an answer that comes too late is not taken for the next one', async () => {
    let late: (() => void) | undefined;
    answer = (request, socket) => {
      if (request.execute === 'guest-sync-delimited') reply(socket, { return: request.arguments?.id });
      else if (request.execute === 'guest-slow') late = () => reply(socket, { return: 'late' });
      else {
        late?.();
        reply(socket, { return: 'mine' });
      }
    };
    await expect(client.execute({ execute: 'guest-slow' }, { timeoutMs: 50 })).rejects.toMatchObject({
      name: 'GuestAgentTimeout',
    });
    expect(await client.execute({ execute: 'guest-ping' }, { timeoutMs: 2000 })).toBe('mine');
  });
});

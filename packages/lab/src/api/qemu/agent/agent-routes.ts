import { GuestAgentError } from '../../../guests/guest-runtime.js';
import { errorText, failure } from '../../../http/pve-error.js';
import { defineRoute, type RequestContext, type Route } from '../../../http/route.js';
import type { JsonObject, JsonValue } from '../../../state/json.js';
import { encodeForGuest, textOfBytes } from './agent-bytes.js';
import { callAgent, requireAgent, sendToAgent } from './agent-call.js';

const base = '/nodes/{node}/qemu/{vmid}/agent';
const readLimit = 16 * 2 ** 20;
const chunk = 2 ** 20;

/** Commands that are passed on as they are, with their verb. */
const plainCommands: readonly (readonly [string, 'GET' | 'POST'])[] = [
  ['fsfreeze-freeze', 'POST'],
  ['fsfreeze-status', 'POST'],
  ['fsfreeze-thaw', 'POST'],
  ['fstrim', 'POST'],
  ['get-fsinfo', 'GET'],
  ['get-host-name', 'GET'],
  ['get-memory-block-info', 'GET'],
  ['get-memory-blocks', 'GET'],
  ['get-osinfo', 'GET'],
  ['get-time', 'GET'],
  ['get-timezone', 'GET'],
  ['get-users', 'GET'],
  ['get-vcpus', 'GET'],
  ['info', 'GET'],
  ['network-get-interfaces', 'GET'],
  ['ping', 'POST'],
  ['shutdown', 'POST'],
  ['suspend-disk', 'POST'],
  ['suspend-hybrid', 'POST'],
  ['suspend-ram', 'POST'],
];

const ownCommands = ['exec', 'exec-status', 'file-read', 'file-write', 'set-user-password'];

/** Everything below …/agent. */
export const agentRoutes: readonly Route[] = [
  defineRoute(`GET ${base}`, () =>
    [...plainCommands.map(([name]) => name), ...ownCommands].sort().map((name) => ({ name })),
  ),
  defineRoute(`POST ${base}`, (ctx) => passOn(ctx, ctx.params.require('command'))),
  ...plainCommands.map(([name, verb]) => defineRoute(`${verb} ${base}/${name}`, (ctx) => passOn(ctx, name))),
  defineRoute(`POST ${base}/exec`, execute),
  defineRoute(`GET ${base}/exec-status`, execStatus),
  defineRoute(`GET ${base}/file-read`, readFile),
  defineRoute(`POST ${base}/file-write`, writeFile),
  defineRoute(`POST ${base}/set-user-password`, setUserPassword),
];

/** The agent's own errors are part of a successful answer here. */
async function passOn(ctx: RequestContext, name: string): Promise<JsonObject> {
  const vmid = await requireAgent(ctx);
  try {
    return { result: await sendToAgent(ctx, vmid, `guest-${name}`) };
  } catch (error) {
    if (!(error instanceof GuestAgentError)) throw error;
    return { result: { error: { class: error.class, desc: errorText(error) } } };
  }
}

async function execute(ctx: RequestContext): Promise<JsonObject> {
  const [path = '', ...args] = ctx.params.array('command') ?? [];
  const input = ctx.params.get('input-data');
  const data = input === undefined || input === '' ? undefined : encodeForGuest(input);
  const vmid = await requireAgent(ctx);
  const result = asObject(
    await callAgent(ctx, vmid, 'guest-exec', {
      path,
      arg: args,
      'capture-output': true,
      ...(data !== undefined && { 'input-data': data }),
    }),
  );
  return { pid: result.pid };
}

async function execStatus(ctx: RequestContext): Promise<JsonObject> {
  const pid = ctx.params.requireInteger('pid');
  const vmid = await requireAgent(ctx);
  const result = asObject(await callAgent(ctx, vmid, 'guest-exec-status', { pid }));
  const answer: JsonObject = {};
  for (const [name, value] of Object.entries(result)) {
    if (name === 'out-data' || name === 'err-data')
      answer[name] = textOfBytes(Buffer.from(String(value), 'base64'));
    else answer[name] = typeof value === 'boolean' ? Number(value) : value;
  }
  return answer;
}

async function readFile(ctx: RequestContext): Promise<JsonObject> {
  const { params } = ctx;
  const file = params.require('file');
  const offset = params.integer('offset') ?? 0;
  const wanted = Math.min(params.integer('count') ?? readLimit, readLimit);
  const decode = params.boolean('decode') !== false;
  const vmid = await requireAgent(ctx);
  const handle = await callAgent(ctx, vmid, 'guest-file-open', { path: file, mode: 'r' });
  const parts: string[] = [];
  let read = 0;
  let atEnd = false;
  try {
    if (offset > 0) await callAgent(ctx, vmid, 'guest-file-seek', { handle, offset, whence: 'set' });
    while (read < wanted && !atEnd) {
      const part = asObject(
        await callAgent(ctx, vmid, 'guest-file-read', { handle, count: Math.min(chunk, wanted - read) }),
      );
      parts.push(String(part['buf-b64'] ?? ''));
      read += Number(part.count ?? 0);
      atEnd = part.eof === true || part.count === 0;
    }
  } finally {
    await callAgent(ctx, vmid, 'guest-file-close', { handle });
  }
  const content = decode
    ? textOfBytes(Buffer.concat(parts.map((part) => Buffer.from(part, 'base64'))))
    : parts.join('');
  return { content, 'bytes-read': read, ...(!atEnd && read >= readLimit && { truncated: 1 }) };
}

async function writeFile(ctx: RequestContext): Promise<undefined> {
  const { params } = ctx;
  const content = params.get('content') ?? '';
  const encoded = params.boolean('encode') === false ? content : encodeForGuest(content);
  const path = params.require('file');
  const vmid = await requireAgent(ctx);
  const handle = await callAgent(ctx, vmid, 'guest-file-open', { path, mode: 'wb' });
  try {
    await callAgent(ctx, vmid, 'guest-file-write', { handle, 'buf-b64': encoded });
  } finally {
    await callAgent(ctx, vmid, 'guest-file-close', { handle });
  }
}

async function setUserPassword(ctx: RequestContext): Promise<JsonObject> {
  const { params } = ctx;
  const vmid = await requireAgent(ctx);
  const result = await callAgent(ctx, vmid, 'guest-set-user-password', {
    username: params.require('username'),
    password: encodeForGuest(params.require('password')),
    crypted: params.boolean('crypted') === true,
  });
  return { result };
}

function asObject(value: JsonValue): JsonObject {
  if (!isObject(value)) throw failure('got no result from the guest agent');
  return value;
}

function isObject(value: JsonValue): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

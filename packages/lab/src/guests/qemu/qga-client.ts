import type { JsonObject, JsonValue } from '../../state/json.js';
import { type AgentCommand, GuestAgentError, GuestAgentTimeout } from '../guest-runtime.js';
import { connectJsonSocket, type JsonSocket } from './json-socket.js';

/** The agent of one guest, behind the socket of its virtio-serial port. */
export interface QgaClient {
  /**
   * Sends one command and resolves to its `return`; commands wait for each other, as the agent knows no ids.
   *
   * @throws GuestAgentError what the agent refused.
   * @throws GuestAgentTimeout when it did not answer within `timeoutMs` (counted from the call, waiting included) or the guest is gone.
   */
  execute(command: AgentCommand, options: { timeoutMs: number; signal?: AbortSignal }): Promise<JsonValue>;
  close(): void;
}

/**
 * A client that connects when it is first needed. Each fresh connection starts with `guest-sync-delimited`: the byte 0xFF resets the agent's parser, and
 * whatever an earlier client left unread is skipped up to the answer with our number. After a time-out the connection is given up, which makes QEMU forget
 * what the guest has not yet taken.
 */
export function createQgaClient(path: string): QgaClient {
  let socket: JsonSocket | undefined;
  let turn: Promise<unknown> = Promise.resolve();
  let onLine: (line: string) => void = () => {};
  let onClose: () => void = () => {};
  let closed = false;

  const drop = (): void => {
    socket?.close();
    socket = undefined;
  };

  const nextLine = (
    accept: (line: string) => JsonObject | undefined,
    deadline: Deadline,
  ): Promise<JsonObject> =>
    new Promise((resolve, reject) => {
      const fail = (): void => reject(new GuestAgentTimeout('the guest agent does not answer'));
      deadline.onExpire(fail);
      onClose = fail;
      onLine = (line) => {
        const message = accept(line);
        if (message !== undefined) resolve(message);
      };
    });

  const synchronise = async (deadline: Deadline): Promise<JsonSocket> => {
    if (socket !== undefined && !socket.closed) return socket;
    const fresh = await connectJsonSocket(path, {
      onLine: (line) => onLine(line),
      onClose: () => {
        if (socket !== fresh) return; // Given up: the next connection is none of its business.
        socket = undefined;
        onClose();
      },
    }).catch(() => undefined);
    if (fresh === undefined) throw new GuestAgentTimeout('the guest agent has no port');
    socket = fresh;
    const id = Math.floor(Math.random() * 0x7fffffff);
    const answered = nextLine((line) => {
      const message = parse(line.slice(line.lastIndexOf('\u{fffd}') + 1));
      return message?.return === id ? message : undefined;
    }, deadline);
    fresh.write(Buffer.concat([Buffer.from([0xff]), Buffer.from(line('guest-sync-delimited', { id }))]));
    await answered;
    return fresh;
  };

  const execute = async (command: AgentCommand, deadline: Deadline): Promise<JsonValue> => {
    deadline.check();
    try {
      const open = await synchronise(deadline);
      const answered = nextLine(parse, deadline);
      open.write(line(command.execute, command.arguments));
      const answer = await answered;
      if (isObject(answer.error))
        throw new GuestAgentError(String(answer.error.class), String(answer.error.desc));
      return answer.return ?? null;
    } catch (error) {
      if (!(error instanceof GuestAgentError)) drop();
      throw error;
    }
  };

  return {
    execute: (command, { timeoutMs, signal }) => {
      const deadline = createDeadline(timeoutMs, signal);
      const mine = turn.then(() => {
        if (closed) throw new GuestAgentTimeout('the guest is gone');
        return execute(command, deadline);
      });
      turn = mine.catch(() => {});
      return mine.finally(() => deadline.clear());
    },
    close: () => {
      closed = true;
      drop();
      onClose();
    },
  };
}

interface Deadline {
  check(): void;
  onExpire(action: () => void): void;
  clear(): void;
}

function createDeadline(timeoutMs: number, signal: AbortSignal | undefined): Deadline {
  let expired = false;
  let action: () => void = () => {};
  const expire = (): void => {
    expired = true;
    action();
  };
  const timer = setTimeout(expire, timeoutMs);
  signal?.addEventListener('abort', expire, { once: true });
  return {
    check: () => {
      if (expired || signal?.aborted) throw new GuestAgentTimeout('the guest agent does not answer');
    },
    onExpire: (next) => {
      action = next;
      if (expired) next();
    },
    clear: () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', expire);
    },
  };
}

function line(execute: string, args: JsonObject | undefined): string {
  return `${JSON.stringify(args === undefined ? { execute } : { execute, arguments: args })}\n`;
}

function parse(text: string): JsonObject | undefined {
  try {
    const message: unknown = JSON.parse(text);
    return isObject(message) && ('return' in message || 'error' in message) ? message : undefined;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

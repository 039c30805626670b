import type { JsonObject, JsonValue } from '../../state/json.js';
import { connectJsonSocket, type JsonSocket } from './json-socket.js';

/** How long QEMU may take to greet; another client that holds the monitor makes it wait for ever. */
const GREETING_MS = 5000;

/** An event of QEMU's monitor. */
export interface QmpEvent {
  readonly event: string;
  readonly data: JsonObject;
}

/** What QEMU's monitor refused. */
export class QmpError extends Error {
  override readonly name = 'QmpError';
  readonly class: string;

  constructor(errorClass: string, description: string) {
    super(description);
    this.class = errorClass;
  }
}

/** A connection to one QEMU's monitor (QMP). Commands are answered in order. */
export interface QmpClient {
  readonly version: string;
  /** @throws QmpError what QEMU refused; an Error when QEMU is gone. */
  execute(command: string, args?: JsonObject): Promise<JsonValue>;
  onEvent(listener: (event: QmpEvent) => void): void;
  onClose(listener: () => void): void;
  close(): void;
}

/** Connects to the monitor at `path` and negotiates; the socket must be there. */
export async function connectQmp(path: string): Promise<QmpClient> {
  const pending: { resolve: (value: JsonValue) => void; reject: (error: Error) => void }[] = [];
  const eventListeners: ((event: QmpEvent) => void)[] = [];
  const closeListeners: (() => void)[] = [];
  let greet: (version: string) => void = () => {};
  const greeting = new Promise<string>((resolve) => {
    greet = resolve;
  });

  const onLine = (line: string): void => {
    if (line.trim() === '') return;
    const message: unknown = JSON.parse(line);
    if (!isObject(message)) return;
    if (isObject(message.QMP)) greet(versionOf(message.QMP));
    else if (typeof message.event === 'string') {
      const event = { event: message.event, data: isObject(message.data) ? message.data : {} };
      for (const listener of eventListeners) listener(event);
    } else {
      const asked = pending.shift();
      if (isObject(message.error)) {
        asked?.reject(new QmpError(String(message.error.class), String(message.error.desc)));
      } else asked?.resolve(message.return ?? null);
    }
  };
  let markClosed: () => void = () => {};
  const closed = new Promise<undefined>((resolve) => {
    markClosed = () => resolve(undefined);
  });
  const socket: JsonSocket = await connectJsonSocket(path, {
    onLine,
    onClose: () => {
      markClosed();
      for (const asked of pending.splice(0)) asked.reject(new Error('QEMU closed its monitor'));
      for (const listener of closeListeners) listener();
    },
  });

  const execute = (command: string, args?: JsonObject): Promise<JsonValue> =>
    new Promise((resolve, reject) => {
      if (socket.closed) {
        reject(new Error('QEMU closed its monitor'));
        return;
      }
      pending.push({ resolve, reject });
      socket.write(
        `${JSON.stringify(args === undefined ? { execute: command } : { execute: command, arguments: args })}\n`,
      );
    });
  const timer = setTimeout(() => socket.close(), GREETING_MS);
  const version = await Promise.race([greeting, closed]);
  clearTimeout(timer);
  if (version === undefined) throw new Error('QEMU does not answer on its monitor');
  await execute('qmp_capabilities');
  return {
    version,
    execute,
    onEvent: (listener) => eventListeners.push(listener),
    onClose: (listener) => closeListeners.push(listener),
    close: () => socket.close(),
  };
}

function versionOf(greeting: JsonObject): string {
  const version = isObject(greeting.version) && isObject(greeting.version.qemu) ? greeting.version.qemu : {};
  return `${version.major}.${version.minor}.${version.micro}`;
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

import { connect, type Socket } from 'node:net';

/** A UNIX socket on which both sides write JSON values, one a line: QEMU's monitor and the guest agent. */
export interface JsonSocket {
  /** Sends raw bytes. */
  write(bytes: string | Uint8Array): void;
  close(): void;
  readonly closed: boolean;
}

/**
 * Connects to `path`. `onLine` gets every complete line as text without its newline.
 *
 * @throws the error of the connection (`ENOENT`, `ECONNREFUSED`).
 */
export async function connectJsonSocket(
  path: string,
  listeners: { onLine: (line: string) => void; onClose: () => void },
): Promise<JsonSocket> {
  const socket = await opened(connect({ path }));
  const parts: Buffer[] = [];
  let closed = false;
  socket.on('data', (chunk: Buffer) => {
    let rest = chunk;
    for (let end = rest.indexOf(10); end >= 0; end = rest.indexOf(10)) {
      parts.push(rest.subarray(0, end));
      const line = Buffer.concat(parts).toString('utf8');
      parts.length = 0;
      rest = rest.subarray(end + 1);
      listeners.onLine(line);
    }
    if (rest.length > 0) parts.push(rest);
  });
  socket.on('error', () => {});
  socket.on('close', () => {
    if (closed) return;
    closed = true;
    listeners.onClose();
  });
  return {
    write: (bytes) => {
      socket.write(bytes);
    },
    close: () => socket.destroy(),
    get closed() {
      return closed;
    },
  };
}

function opened(socket: Socket): Promise<Socket> {
  return new Promise((resolve, reject) => {
    socket.once('error', reject);
    socket.once('connect', () => {
      socket.removeListener('error', reject);
      resolve(socket);
    });
  });
}

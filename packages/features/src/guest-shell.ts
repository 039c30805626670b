/** One command to run inside a guest; no shell takes part unless `argv` names one. */
export interface GuestCommand {
  /** Program and arguments, passed to the guest exactly as they are. */
  readonly argv: readonly string[];
  /** Bytes for the program's standard input; default none. */
  readonly stdin?: Uint8Array;
  /** Gives up waiting after this many milliseconds; default 60 000. The program itself may go on. */
  readonly timeoutMs?: number;
  readonly signal?: AbortSignal;
}

/** How a command ended. Exactly one of `exitCode` and `signalNumber` is present. */
export interface GuestCommandResult {
  readonly exitCode?: number;
  /** The signal that killed the program, e.g. 9. */
  readonly signalNumber?: number;
  readonly stdout: Uint8Array;
  readonly stderr: Uint8Array;
  /** The transport cut the output; long output belongs into a file, read in pieces. */
  readonly truncated: boolean;
}

/**
 * The port through which the runner reaches a guest: the QEMU guest agent of a machine, or a terminal of a container.
 * Bytes pass unchanged in both directions. Commands run as root, with no terminal, and outlive the connection.
 *
 * A guest that does not answer for now (booting, agent restarting, connection cut, an answer lost or too late) is
 * reported by an error with `code: 'GUEST_UNREACHABLE'`; the runner waits and repeats the command, which may have run.
 * Every other error ends the step.
 */
export interface GuestShell {
  /** For messages: `guest 8001 (QEMU guest agent)`. */
  readonly description: string;
  run(command: GuestCommand): Promise<GuestCommandResult>;
  /** Creates or replaces a file of any size. `mode` in octal, default 0o600. */
  writeFile(
    path: string,
    content: Uint8Array,
    options?: { readonly mode?: number; readonly signal?: AbortSignal },
  ): Promise<void>;
  /** Reads a file whole; rejects when it is longer than `maxBytes` (default 16 MiB). */
  readFile(
    path: string,
    options?: { readonly maxBytes?: number; readonly signal?: AbortSignal },
  ): Promise<Uint8Array>;
}

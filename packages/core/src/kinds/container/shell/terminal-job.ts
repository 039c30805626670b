import { createHash, randomBytes } from 'node:crypto';
import type { GuestCommandResult } from '@phoenix/features';
import { quoteWord } from './quote-word.js';
import { brokenTerminal, type ShellSession } from './shell-session.js';

/** Polls of a twentieth of a second that one trip waits in the container. */
const pollsOfATrip = 60;
/** Output bytes that come with the first answer, of each stream. */
const firstBytes = 24 * 1024;
/** Output bytes of one further piece; after a damaged one less, since what is short gets through where two are attached. */
const pieceBytes = 48 * 1024;
const smallPieceBytes = 2 * 1024;
const attemptsOfAPiece = 6;
const deliveries = 3;
const answerMs = 20_000;
/** Slowest typing that is waited for. */
const typedBytesPerMs = 50;

/** How far a trip brought a job. */
export type TripResult =
  | { readonly state: 'running' }
  /** It was started before and its directory is not there any more: the container was restarted. */
  | { readonly state: 'gone' }
  | { readonly state: 'ended'; readonly result: GuestCommandResult };

/** One command in a container, whoever is connected: it runs in a session of its own and leaves its outcome in a directory. */
export interface TerminalJob {
  /** It was typed, so that it may have started: a trip that failed is made again instead of the command being run twice. */
  readonly mayHaveStarted: boolean;
  /** Delivers and starts what is not started yet, waits for some seconds, and fetches the outcome. Repeatable at will. */
  trip(session: ShellSession): Promise<TripResult>;
  /** Leaves the job to itself: its directory goes when it ends. */
  abandon(session: ShellSession): Promise<void>;
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/**
 * Makes a job of a command. Its script and its input are typed into files and checked by their digest before anything runs; `mkdir` is the
 * claim that lets it start once. Both outputs come back with their lengths and digests, piece by piece where they are long.
 */
export function createTerminalJob(
  vmid: number,
  { argv, stdin = new Uint8Array() }: { readonly argv: readonly string[]; readonly stdin?: Uint8Array },
): TerminalJob {
  const directory = `/tmp/.phoenix-${randomBytes(8).toString('hex')}`;
  const script = Buffer.from(
    [
      'cd /',
      `exec <${directory}/i`,
      `rm -f ${directory}/i`,
      `( ${argv.map(quoteWord).join(' ')} ) >${directory}/o 2>${directory}/e`,
      `echo $? >${directory}/t; mv ${directory}/t ${directory}/c`,
      `[ ! -e ${directory}/x ] || rm -rf ${directory}`,
      '',
    ].join('\n'),
  );
  const digest = sha256(Buffer.concat([script, stdin]));
  const typedMs = answerMs + (script.byteLength + stdin.byteLength) / typedBytesPerMs;
  let delivered = false;
  let started = false;

  /** Prints `damaged`, `running`, `gone`, or the outcome's head: exit code, lengths, digest, and the first bytes. */
  const line =
    `D=${directory}; if [ -d $D/p ] || { [ "$(cat $D/s $D/i 2>/dev/null | sha256sum)" = '${digest}  -' ] && mkdir $D/p && ( $(command -v setsid) sh $D/s >/dev/null 2>&1 </dev/null & ) ; }; then ` +
    `n=0; until [ -f $D/c ] || [ $n -ge ${pollsOfATrip} ]; do sleep 0.05 2>/dev/null || { sleep 1; n=$((n + 19)); }; n=$((n + 1)); done; ` +
    `if [ -f $D/c ]; then printf 'ended %s %s %s %s;' "$(cat $D/c)" "$(wc -c <$D/o)" "$(wc -c <$D/e)" "$(cat $D/o $D/e | sha256sum)"; ` +
    `head -c ${firstBytes} $D/o | base64; printf ';'; head -c ${firstBytes} $D/e | base64; else printf running; fi; ` +
    `elif [ -d $D ]; then printf damaged; else printf gone; fi`;

  const deliver = async (session: ShellSession) => {
    await session.type(`umask 077; mkdir ${directory}`);
    await session.typeFile(`${directory}/s`, script);
    await session.typeFile(`${directory}/i`, stdin);
  };

  return {
    get mayHaveStarted() {
      return delivered;
    },
    trip: async (session) => {
      for (let attempt = 0; attempt < deliveries; attempt += 1) {
        if (!delivered) await deliver(session);
        delivered = true;
        const answer = await session.ask(line, typedMs);
        if (answer === 'gone' && started) return { state: 'gone' };
        // Nothing has started: what is typed again disturbs nothing.
        if (answer === 'gone' || answer === 'damaged') delivered = false;
        if (answer === 'running' || answer.startsWith('ended ')) started = true;
        if (answer === 'running') return { state: 'running' };
        if (!answer.startsWith('ended ')) continue;
        const result = await collect(session, vmid, directory, answer);
        // Answered, since what is typed last is lost when the terminal closes; but the result is here.
        await session.ask(`rm -rf ${directory}`, answerMs).catch(() => {});
        return { state: 'ended', result };
      }
      throw brokenTerminal(
        vmid,
        'damages what is typed: somebody else is at it, or the container lacks base64 or sha256sum, or space in /tmp',
      );
    },
    abandon: async (session) => {
      await session.ask(
        `: >${directory}/x; if [ -f ${directory}/c ]; then rm -rf ${directory}; fi`,
        answerMs,
      );
    },
  };
}

/** The outcome: what came with its head, where that is whole, else the outputs piece by piece. */
async function collect(
  session: ShellSession,
  vmid: number,
  directory: string,
  answer: string,
): Promise<GuestCommandResult> {
  const head = /^ended (\d+) +(\d+) +(\d+) ([0-9a-f]{64}) +-;([^;]*);([^;]*)$/.exec(answer);
  const facts = head ?? (await askFacts(session, vmid, directory));
  const [, code = '', outBytes = '', errBytes = '', digest = ''] = facts;
  const read = async (file: 'o' | 'e', size: number, first: Uint8Array): Promise<Uint8Array> => {
    const pieces = [first.byteLength === Math.min(size, firstBytes) ? first : new Uint8Array()];
    let have = pieces[0]?.byteLength ?? 0;
    while (have < size) {
      const piece = await readPiece(session, vmid, `${directory}/${file}`, have, size - have);
      pieces.push(piece);
      have += piece.byteLength;
    }
    return new Uint8Array(Buffer.concat(pieces));
  };
  const outputs = async (first: readonly [Uint8Array, Uint8Array]) => {
    const stdout = await read('o', Number(outBytes), first[0]);
    const stderr = await read('e', Number(errBytes), first[1]);
    return { exitCode: Number(code), stdout, stderr, truncated: false };
  };
  const isWhole = ({ stdout, stderr }: GuestCommandResult) =>
    sha256(Buffer.concat([stdout, stderr])) === digest;
  const result = await outputs([decode(head?.[5] ?? ''), decode(head?.[6] ?? '')]);
  if (isWhole(result)) return result;
  const again = await outputs([new Uint8Array(), new Uint8Array()]);
  if (isWhole(again)) return again;
  throw brokenTerminal(vmid, 'loses bytes: somebody else is attached to it');
}

/** The head alone, where it came together with output that was damaged. */
async function askFacts(session: ShellSession, vmid: number, directory: string): Promise<RegExpExecArray> {
  for (let attempt = 0; attempt < attemptsOfAPiece; attempt += 1) {
    const answer = await session.ask(
      `D=${directory}; printf 'ended %s %s %s %s' "$(cat $D/c)" "$(wc -c <$D/o)" "$(wc -c <$D/e)" "$(cat $D/o $D/e | sha256sum)"`,
      answerMs,
    );
    const facts = /^ended (\d+) +(\d+) +(\d+) ([0-9a-f]{64}) +-$/.exec(answer);
    if (facts !== null) return facts;
  }
  throw brokenTerminal(vmid, 'loses bytes: somebody else is attached to it');
}

/** One piece, at most `left` bytes, checked by its digest; smaller after a damaged one. */
async function readPiece(
  session: ShellSession,
  vmid: number,
  path: string,
  offset: number,
  left: number,
): Promise<Uint8Array> {
  for (let attempt = 0; attempt < attemptsOfAPiece; attempt += 1) {
    const length = Math.min(left, attempt === 0 ? pieceBytes : smallPieceBytes);
    const part = `tail -c +${offset + 1} ${path} | head -c ${length}`;
    const answer = await session.ask(`${part} | sha256sum; ${part} | base64`, answerMs);
    const match = /^([0-9a-f]{64}) +-(.*)$/s.exec(answer);
    const bytes = decode(match?.[2] ?? '');
    if (bytes.byteLength === length && sha256(bytes) === match?.[1]) return bytes;
  }
  throw brokenTerminal(vmid, 'loses bytes: somebody else is attached to it');
}

function decode(text: string): Uint8Array {
  return new Uint8Array(Buffer.from(text.replaceAll(/[^A-Za-z0-9+/=]/g, ''), 'base64'));
}

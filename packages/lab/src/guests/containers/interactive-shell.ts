import { ShellExit } from '../simulated/shell/control-flow.js';
import { parseScript } from '../simulated/shell/parse-script.js';
import { runList } from '../simulated/shell/run-commands.js';
import { ScriptError } from '../simulated/shell/script-error.js';
import { Shell } from '../simulated/shell/shell.js';
import { Killed, type Process } from '../simulated/system/process.js';

/** Lines as they are typed; undefined when the terminal is gone. */
export type LineSource = () => Promise<string | undefined>;

/**
 * The shell behind a terminal: prompts, reads lines until they make a whole command (here-documents and quotes go on over lines), runs it, and again.
 * An interrupt ends the command and drops unfinished lines. Resolves to the exit code.
 */
export async function runInteractiveShell(
  process: Process,
  nextLine: LineSource,
  interrupted: () => boolean,
): Promise<number> {
  const shell = new Shell(process, process.name.replace(/^-/, ''));
  shell.variables.set('PS1', `root@${process.machine.hostname()}:~# `);
  shell.variables.set('PS2', '> ');
  let pending: string[] = [];
  /** The line that ends the here-document which is being typed. */
  let awaited: HereDocumentEnd | undefined;
  for (;;) {
    await process.out(shell.variables.get(pending.length === 0 ? 'PS1' : 'PS2') ?? '');
    const line = await nextLine();
    if (line === undefined) return shell.lastStatus;
    if (interrupted()) {
      pending = [];
      awaited = undefined;
    }
    pending.push(line);
    if (awaited !== undefined && !isEnd(line, awaited)) continue;
    const script = pending.join('');
    awaited = openHereDocument(script);
    if (awaited !== undefined || !isWhole(script)) continue;
    pending = [];
    const code = await runLine(shell, script);
    if (code !== undefined) return code;
  }
}

/** Runs one whole command; yields an exit code when the shell is over. */
async function runLine(shell: Shell, script: string): Promise<number | undefined> {
  try {
    await runList(shell, parseScript(script));
  } catch (error) {
    if (error instanceof ShellExit) return error.code;
    if (error instanceof Killed) throw error;
    if (!(error instanceof ScriptError)) throw error;
    await shell.process.err(`${shell.name}: ${error.message}\n`);
    shell.lastStatus = 2;
  }
  return undefined;
}

/** What the parser says of text that more lines may complete. */
const unfinished = /end of file unexpected|Unterminated|EOF in backquote|Missing \}/;

/** Is the text, without an open here-document, a whole command, or does the shell have to read on? */
function isWhole(text: string): boolean {
  try {
    parseScript(text);
    return true;
  } catch (error) {
    return !(error instanceof ScriptError) || !unfinished.test(error.message);
  }
}

interface HereDocumentEnd {
  readonly word: string;
  /** `<<-`: tabs before the word do not count. */
  readonly dash: boolean;
}

const isEnd = (line: string, { word, dash }: HereDocumentEnd): boolean =>
  (dash ? line.replace(/^\t+/, '') : line).replace(/\n$/, '') === word;

/** The end that a here-document still lacks. To a parser that is no error: scripts may end within one. */
function openHereDocument(text: string): HereDocumentEnd | undefined {
  const lines = text.split('\n');
  for (let index = 0; index < lines.length; index += 1) {
    for (const match of (lines[index] ?? '').matchAll(/(?<!<)<<(-?)\s*(['"]?)([A-Za-z_][\w-]*)\2/g)) {
      const end = { word: match[3] ?? '', dash: match[1] === '-' };
      const found = lines.findIndex((line, at) => at > index && isEnd(line, end));
      if (found < 0) return end;
      index = found;
    }
  }
  return undefined;
}

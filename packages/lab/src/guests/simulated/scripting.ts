import type { ScriptedReply } from './system/machine.js';

/** Which programs of which guests get an answer of the test's own instead of being run. */
export interface ScriptRule {
  /** Only this guest; default all. */
  readonly vmid?: number;
  /**
   * What to look at: a text that the command line contains, a pattern for the command line (arguments joined by blanks), or
   * `{ script }`, a pattern for the text of the shell script that is being run.
   */
  readonly on: string | RegExp | { readonly script: RegExp };
  readonly reply: ScriptedReply;
  /** How often it applies; default always. */
  readonly times?: number;
}

/** How a guest behaves as a whole. */
export interface GuestBehaviour {
  /** Milliseconds from the start until the agent answers; `never` for an agent that does not come. */
  readonly agentMs?: number | 'never';
  /** Milliseconds that cloud-init works after the agent answers, beside the time of what it runs. */
  readonly cloudInitMs?: number;
  /** Makes cloud-init end in error, with this module named and this text in its log. */
  readonly cloudInitError?: { readonly module: string; readonly log: string };
  /** The guest ignores ACPI and the agent's shutdown. */
  readonly ignoresShutdown?: boolean;
  /** Milliseconds from an orderly shutdown's request until it is off. */
  readonly shutdownMs?: number;
}

/** What tests do with simulated guests beyond what the API can. */
export interface GuestScripting {
  /** Answers matching programs from now on; the newest rule wins. Returns a function that takes the rule away. */
  script(rule: ScriptRule): () => void;
  /** Changes how a guest behaves from its next start on, or all guests (`vmid` absent). */
  behave(behaviour: GuestBehaviour & { readonly vmid?: number }): void;
  /** Reads a file of a guest's system disk, running or not; undefined when there is none. */
  readFile(vmid: number, path: string): string | undefined;
  /** Writes a file into a running guest. */
  writeFile(vmid: number, path: string, content: string, mode?: number): void;
  /** Every command line that a guest has run since the lab started, in order. */
  commands(vmid: number): readonly string[];
  /** Kills the guest's process, as a crash of QEMU would. */
  crash(vmid: number): void;
}

/** The rules and behaviours of a lab. */
export class GuestScripts {
  readonly #rules: { rule: ScriptRule; left: number }[] = [];
  readonly #behaviours: (GuestBehaviour & { readonly vmid?: number })[] = [];
  readonly commandLines = new Map<number, string[]>();

  add(rule: ScriptRule): () => void {
    const entry = { rule, left: rule.times ?? Number.POSITIVE_INFINITY };
    this.#rules.unshift(entry);
    return () => {
      const index = this.#rules.indexOf(entry);
      if (index >= 0) this.#rules.splice(index, 1);
    };
  }

  behave(behaviour: GuestBehaviour & { readonly vmid?: number }): void {
    this.#behaviours.push(behaviour);
  }

  behaviourOf(vmid: number): GuestBehaviour {
    let merged: GuestBehaviour = {};
    for (const behaviour of this.#behaviours) {
      if (behaviour.vmid === undefined || behaviour.vmid === vmid) merged = { ...merged, ...behaviour };
    }
    return merged;
  }

  /** The answer for a program, if a rule has one. */
  reply(vmid: number, commandLine: string, script: string | undefined): ScriptedReply | undefined {
    const lines = this.commandLines.get(vmid) ?? [];
    lines.push(commandLine);
    if (lines.length > 10_000) lines.shift();
    this.commandLines.set(vmid, lines);
    for (const entry of this.#rules) {
      const { rule } = entry;
      if (entry.left <= 0 || (rule.vmid !== undefined && rule.vmid !== vmid)) continue;
      const { on } = rule;
      const matches =
        typeof on === 'string'
          ? commandLine.includes(on)
          : on instanceof RegExp
            ? on.test(commandLine)
            : script !== undefined && on.script.test(script);
      if (!matches) continue;
      entry.left -= 1;
      return rule.reply;
    }
    return undefined;
  }
}

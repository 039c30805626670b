import type { PveOption } from '../model.js';
import { type NormaliseContext, placeOf, placeOfKey, reportAt } from './normalise-context.js';

/** Options that Phoenix sets itself, and the key to write instead. */
const OWNED: Readonly<Record<string, string>> = {
  // Compared with nothing: it cannot be read back. Written here it would be shown.
  cipassword: 'user_config.password',
  cores: 'cores',
  description: 'description',
  hostname: 'name',
  memory: 'memory_mb',
  name: 'name',
  onboot: 'start_at_boot',
  password: 'user_config.password',
  pool: 'pool',
  protection: 'protection',
  sockets: 'sockets',
  startup: 'boot_order',
  swap: 'swap_mb',
  tags: 'tags',
  template: 'is_template',
  unprivileged: 'unprivileged',
  vmid: 'vmid',
};

/** Options that are never sent, and why. */
const REFUSED: Readonly<Record<string, string>> = {
  delete: 'Remove the option from the configuration instead.',
  digest: 'Phoenix guards its writes itself.',
  force: 'Phoenix decides what is safe to force.',
  lock: 'A lock set by a token cannot be taken off again by it.',
  node: 'Write "node" beside the name.',
  revert: 'Phoenix does not revert pending changes.',
  skiplock: 'Only root@pam may skip locks.',
};

/** Flags of containers that `pct_options` may name without `features=`. */
const CONTAINER_FLAGS = new Set(['nesting', 'keyctl', 'fuse', 'mknod', 'force_rw_sys']);

/** One option of a list such as `--vga qxl`, `-vga=qxl` or `vga=qxl`; `undefined` when it is none. */
export function parseOptionWord(text: string): { readonly key: string; readonly value: string } | undefined {
  const match = /^\s*(?:--?)?([A-Za-z][A-Za-z0-9_-]*)(?:\s*=\s*|\s+)(.*?)\s*$/s.exec(text);
  const key = match?.[1];
  const value = match?.[2];
  if (key === undefined || value === undefined || value === '') return undefined;
  return { key, value: value.replace(/^(["'])(.*)\1$/s, '$2') };
}

/** `pve_options`, with the list form that the first users have; a key given twice keeps the last. */
export function collectPveOptions(
  options: Readonly<Record<string, string | number | boolean>> | undefined,
  list: { readonly key: 'qm_options' | 'pct_options'; readonly words: readonly string[] | undefined },
  context: NormaliseContext,
): readonly PveOption[] {
  const collected = new Map<string, PveOption>();
  const flags: string[] = [];
  const accept = (option: PveOption, path: readonly (string | number)[]): void => {
    const owner = OWNED[option.key];
    const refusal = REFUSED[option.key];
    if (owner !== undefined || refusal !== undefined) {
      reportAt(context, path, {
        kind: 'conflict',
        message: `The option ${JSON.stringify(option.key)} cannot be set as a raw one.`,
        hint: refusal ?? `Use the key ${JSON.stringify(owner)}.`,
      });
      return;
    }
    collected.set(option.key, option);
  };
  for (const [index, word] of (list.words ?? []).entries()) {
    const path = [list.key, index];
    const parsed = parseOptionWord(word);
    if (parsed === undefined) {
      reportAt(context, path, {
        kind: 'invalid-value',
        message: 'The option is not one.',
        expected: 'a name and a value, such as --vga qxl or vga=qxl',
        got: JSON.stringify(word),
      });
    } else if (list.key === 'pct_options' && CONTAINER_FLAGS.has(parsed.key)) {
      flags.push(`${parsed.key}=${parsed.value}`);
    } else {
      accept({ ...parsed, position: placeOf(context, path) }, path);
    }
  }
  for (const [key, value] of Object.entries(options ?? {})) {
    const path = ['pve_options', key];
    accept({ key, value, position: placeOfKey(context, path) }, path);
  }
  if (flags.length > 0) {
    const given = collected.get('features');
    const value = [...(given === undefined ? [] : [String(given.value)]), ...flags].join(',');
    collected.set('features', { key: 'features', value, position: placeOf(context, [list.key]) });
  }
  return [...collected.values()];
}

import { homedir } from 'node:os';
import { join } from 'node:path';

/** Where this user's own records stand: `$XDG_STATE_HOME/phoenix`, by default `~/.local/state/phoenix` (XDG base directories). */
export function stateDirectory(env: Readonly<Record<string, string | undefined>>): string {
  const base = env.XDG_STATE_HOME;
  return join(base?.startsWith('/') ? base : join(env.HOME ?? homedir(), '.local', 'state'), 'phoenix');
}

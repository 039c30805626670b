import { UserConfig } from '../../../config/schema/guest.js';
import type { ImportedDraft } from '../../import/imported-guest.js';

function decodeKeys(text: string): readonly string[] {
  try {
    return decodeURIComponent(text)
      .split('\n')
      .map((line) => line.trim())
      .filter((line) => line !== '' && !line.startsWith('#'));
  } catch {
    return [text];
  }
}

/**
 * The user of Proxmox VE's own cloud-init. A password cannot be read, and would not be written if it could: a reference stands in its place.
 */
export function importMachineUser(draft: ImportedDraft): void {
  const username = draft.take('ciuser');
  const password = draft.take('cipassword');
  const sshKeys = draft.take('sshkeys');
  if (username === undefined && password === undefined && sshKeys === undefined) return;
  const named = UserConfig.safeParse({ username: String(username ?? '') });
  if (!named.success || draft.without.has('user_config')) {
    const parts = [
      ...(username === undefined ? [] : ['ciuser']),
      ...(sshKeys === undefined ? [] : ['sshkeys']),
      ...(password === undefined ? [] : ['cipassword']),
    ];
    draft.keep(
      `${parts.join(', ')} of its cloud-init${username === undefined ? ' (they name no user)' : ''}`,
    );
    return;
  }
  const keys = decodeKeys(String(sshKeys ?? ''));
  const usable = keys.filter(
    (key) => UserConfig.safeParse({ username: String(username), ssh_keys: [key] }).success,
  );
  if (usable.length < keys.length) draft.keep(`${keys.length - usable.length} of its sshkeys`);
  const variable = `PHOENIX_PASSWORD_${draft.vmid}`;
  draft.set('user_config', {
    username: String(username),
    ...(usable.length === 0 ? {} : { ssh_keys: [...usable] }),
    ...(password === undefined ? {} : { password: { $secret: `env:${variable}` } }),
  });
  if (password !== undefined) {
    draft.notice(
      'import-secret',
      `${draft.label}: its cloud-init has a password, which is not read. Set ${variable} before the next plan, or name another place in \`user_config.password\`, or remove that line.`,
    );
  }
}

import { PhoenixError } from '../../../errors/phoenix-error.js';

/** What is known of a command over SSH that gave no result. */
export interface PctFailure {
  /** It had begun in the container. */
  readonly began: boolean;
  readonly timedOut: boolean;
  readonly timeoutMs: number;
  readonly stderr: Uint8Array;
}

/** What people have to set right, by the words of OpenSSH, the login shell, sudo and pct. */
const reasons: readonly { readonly text: RegExp; readonly what: string; readonly hint: string }[] = [
  {
    text: /Host key verification failed|REMOTE HOST IDENTIFICATION HAS CHANGED/,
    what: 'its host key is not known here, or has changed',
    hint: 'Compare the key with the one on the node, then add it to known_hosts (`ssh-keyscan` prints it) or name a file with `known_hosts_file`.',
  },
  {
    text: /Permission denied \(|Too many authentication failures|no mutual signature/,
    what: 'it refuses the login',
    hint: 'Check `user` and `identity_file`; no password is ever asked for, so a key that an agent holds or that has no passphrase is needed.',
  },
  {
    text: /UNPROTECTED PRIVATE KEY|Identity file .* not accessible|Load key .*: /,
    what: 'the private key cannot be used',
    hint: 'Check that `identity_file` exists and that only you may read it.',
  },
  {
    text: /Could not resolve hostname/,
    what: 'its name is not known here',
    hint: 'Set `host` for that node under `container_shell.nodes`.',
  },
  {
    text: /Connection refused/,
    what: 'nothing answers on its SSH port',
    hint: 'Check `host` and `port`, and that the SSH server of the node runs.',
  },
  {
    text: /sudo: (?:a password is required|.*not allowed|.*not found)|sudo.*: not found/,
    what: '`sudo` does not let the user run `pct`',
    hint: 'Allow it without a password: `USER ALL=(root) NOPASSWD: /usr/sbin/pct`.',
  },
  {
    text: /pct['"]?: (?:command )?not found|exec: pct|pct: No such file/,
    what: 'there is no `pct` on it',
    hint: 'Check `host`: it must be the Proxmox VE node itself, and the user must find /usr/sbin/pct.',
  },
  {
    text: /please run as root|Permission denied/,
    what: 'the user may not run `pct`',
    hint: 'Log in as root, or set `sudo` to true.',
  },
];

/** Turns a command over SSH without a result into the error that it means: `PHOENIX_SSH`, or `GUEST_UNREACHABLE` for what may pass. */
export function explainPctFailure(
  { destination, node, vmid }: { readonly destination: string; readonly node: string; readonly vmid: number },
  { began, timedOut, timeoutMs, stderr }: PctFailure,
): PhoenixError {
  const said = lastLines(stderr);
  const quoted = said === '' ? '' : ` It said: ${said}`;
  const known = began ? undefined : reasons.find(({ text }) => text.test(said));
  if (known !== undefined)
    return new PhoenixError({
      code: 'PHOENIX_SSH',
      message: `Node ${node} cannot be used over SSH as ${destination}: ${known.what}.${quoted}`,
      hint: known.hint,
      details: { node, vmid },
    });
  const what = timedOut
    ? `gave no result within ${Math.round(timeoutMs / 1000)} s`
    : began
      ? 'was cut off'
      : 'did not begin';
  return new PhoenixError({
    code: 'GUEST_UNREACHABLE',
    message: `A command in container ${vmid} over SSH to ${destination} ${what}.${quoted}`,
    hint: 'Check that the container runs and that the node can be reached.',
    details: { node, vmid },
  });
}

/** The last lines that somebody said, in one. */
function lastLines(bytes: Uint8Array): string {
  return new TextDecoder()
    .decode(bytes)
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '' && !/^phoenix-[0-9a-f]+ \d+$/.test(line))
    .slice(-3)
    .join(' | ')
    .slice(0, 500);
}

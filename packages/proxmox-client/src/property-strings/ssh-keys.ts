/** The public keys in a machine's `sshkeys`, which PVE keeps URL-encoded; one a line, blank lines left out. */
export function parseSshKeys(text: string): string[] {
  return decoded(text)
    .split('\n')
    .map((line) => line.trim())
    .filter(Boolean);
}

/** Prints public keys for a machine's `sshkeys`: URL-encoded, since PVE wants them so inside whatever encoding carries the call. */
export function printSshKeys(keys: readonly string[]): string {
  return encodeURIComponent(keys.map((key) => key.trim()).join('\n'));
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    // Not encoded after all: a `%` stands for itself.
    return text;
  }
}

/**
 * PVE writes program arguments to the agent's socket without encoding them, so only ASCII arrives as it is. Arguments beyond that are
 * carried by a POSIX shell script in ASCII, which rebuilds them byte by byte and becomes the program.
 */
export function asciiArgv(argv: readonly string[]): readonly string[] {
  if (!argv.some((argument) => /[^\x20-\x7e\n\t]/.test(argument))) return argv;
  // The dot keeps trailing newlines, which command substitution would cut off.
  const rebuild = argv.map((argument) => `a=$(printf '${octal(argument)}.'); set -- "$@" "\${a%.}"`);
  return ['sh', '-c', `set --; ${rebuild.join('; ')}; exec "$@"`];
}

function octal(text: string): string {
  return [...Buffer.from(text, 'utf8')]
    .map((byte) =>
      byte >= 0x30 && byte <= 0x7a && byte !== 0x5c
        ? String.fromCharCode(byte)
        : `\\${byte.toString(8).padStart(3, '0')}`,
    )
    .join('');
}

#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' };

// The fast path: nothing else is loaded to print a version.
if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2] ?? '')) {
  process.stdout.write(`${manifest.version}\n`);
}

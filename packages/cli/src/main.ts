#!/usr/bin/env node
import manifest from '../package.json' with { type: 'json' };

// Nothing is loaded to print a version.
if (process.argv.length === 3 && ['--version', '-V'].includes(process.argv[2] ?? '')) {
  process.stdout.write(`${manifest.version}\n`);
} else {
  const { runProcess } = await import('./run-process.js');
  await runProcess();
}

import { accountPrograms } from './commands/account-programs.js';
import { diskPrograms } from './commands/disk-programs.js';
import { filePrograms } from './commands/file-programs.js';
import { grep } from './commands/grep.js';
import { listPrograms } from './commands/list-programs.js';
import { packagePrograms } from './commands/package-programs.js';
import { runPrograms } from './commands/run-programs.js';
import { sed } from './commands/sed.js';
import { serverPrograms } from './commands/server-programs.js';
import { sshKeygen } from './commands/ssh-keys.js';
import { systemPrograms } from './commands/system-programs.js';
import { systemdPrograms } from './commands/systemd.js';
import { expr, testProgram } from './commands/test-program.js';
import { textPrograms } from './commands/text-programs.js';
import { shellProgram } from './shell/shell.js';
import type { Program } from './system/process.js';

/** The programs of simulated guests by the name in their files. Those with a name but no program here succeed and say nothing. */
export const programs: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...Object.entries(filePrograms),
  ...Object.entries(diskPrograms),
  ...Object.entries(listPrograms),
  ...Object.entries(textPrograms),
  ...Object.entries(accountPrograms),
  ...Object.entries(packagePrograms),
  ...Object.entries(systemdPrograms),
  ...Object.entries(systemPrograms),
  ...Object.entries(runPrograms),
  ...Object.entries(serverPrograms),
  ['sh', shellProgram],
  ['grep', grep],
  ['egrep', grep],
  ['fgrep', grep],
  ['sed', sed],
  ['test', testProgram],
  ['[', testProgram],
  ['expr', expr],
  ['ssh-keygen', sshKeygen],
]);

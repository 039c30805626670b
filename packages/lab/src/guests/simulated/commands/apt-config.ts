import type { Program } from '../system/process.js';

const DIRECTORY = '/etc/apt/apt.conf.d';

/** The program `apt-config dump [KEY]`: settings on one line (`Key "value";`) of the files of /etc/apt/apt.conf.d; a later file wins. */
export const aptConfig: Program = async (process, args) => {
  const [command, wanted] = args;
  if (command !== 'dump') return 0;
  const settings = new Map<string, string>();
  const files = process.files.isDirectory(DIRECTORY) ? process.files.list(DIRECTORY).sort() : [];
  for (const file of files)
    for (const [, key = '', value = ''] of process.files
      .read(`${DIRECTORY}/${file}`)
      .matchAll(/^\s*([\w:-]+)\s+"([^"\n]*)";/gm))
      settings.set(key, value);
  for (const [key, value] of settings)
    if (wanted === undefined || key === wanted || key.startsWith(`${wanted}::`))
      await process.out(`${key} "${value}";\n`);
  return 0;
};

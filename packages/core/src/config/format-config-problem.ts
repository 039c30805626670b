import type { ConfigProblem } from './config-problem.js';

/** One problem as lines for people: place, what it is, and below it what was expected and found. */
export function formatConfigProblem(problem: ConfigProblem): string {
  const lines = [
    `${problem.file}:${problem.line}:${problem.column}: ${problem.severity}: ${pathPrefix(problem)}${problem.message}`,
  ];
  if (problem.expected !== undefined) lines.push(`    expected ${problem.expected}`);
  if (problem.got !== undefined) lines.push(`    got ${problem.got}`);
  if (problem.nearest !== undefined) lines.push(`    Did you mean ${JSON.stringify(problem.nearest)}?`);
  if (problem.hint !== undefined) lines.push(`    ${problem.hint}`);
  return lines.join('\n');
}

function pathPrefix(problem: ConfigProblem): string {
  const path = formatConfigPath(problem.path);
  return path === '' ? '' : `${path}: `;
}

/** `vms[1].network_config.ip` */
export function formatConfigPath(path: readonly (string | number)[]): string {
  return path.reduce<string>((text, step) => {
    if (typeof step === 'number') return `${text}[${step}]`;
    if (!/^[A-Za-z_$][\w$-]*$/.test(step)) return `${text}[${JSON.stringify(step)}]`;
    return text === '' ? step : `${text}.${step}`;
  }, '');
}

import { type ConfigProblem, formatConfigPath } from '@phoenix/core';
import { isKnownError } from '../known-error.js';
import type { Palette } from './palette.js';
import { stripControls } from './text-width.js';

/** An error for people: one sentence and what to do; the stack only when it is a bug. Ends with a line break. */
export function renderError(error: unknown, palette: Palette): string {
  if (!isKnownError(error) || error.code === 'PHOENIX_INTERNAL') return renderBug(error, palette);
  return [
    `${palette.red('error:')} ${stripControls(error.message)} ${palette.dim(`[${error.code}]`)}\n`,
    ...(error.hint === undefined || error.hint === ''
      ? []
      : [`${palette.cyan('hint:')} ${stripControls(error.hint)}\n`]),
  ].join('');
}

/** Problems of a configuration for people: each with its place, what was expected and found, and the nearest known name. */
export function renderProblems(problems: readonly ConfigProblem[], palette: Palette): string {
  return problems.map((problem) => renderProblem(problem, palette)).join('');
}

function renderProblem(problem: ConfigProblem, palette: Palette): string {
  const place = palette.bold(`${problem.file}:${problem.line}:${problem.column}`);
  const severity = problem.severity === 'error' ? palette.red('error') : palette.yellow('warning');
  const path = formatConfigPath(problem.path);
  const facts = [
    ...(problem.expected === undefined ? [] : [`expected ${problem.expected}`]),
    ...(problem.got === undefined ? [] : [`got ${problem.got}`]),
  ];
  return [
    `${place}: ${severity}: ${path === '' ? '' : `${path}: `}${stripControls(problem.message)}\n`,
    ...(facts.length === 0 ? [] : [`    ${stripControls(facts.join('; '))}\n`]),
    ...(problem.nearest === undefined
      ? []
      : [`    ${palette.cyan('hint:')} did you mean ${stripControls(problem.nearest)}?\n`]),
    ...(problem.hint === undefined ? [] : [`    ${palette.cyan('hint:')} ${stripControls(problem.hint)}\n`]),
  ].join('');
}

function renderBug(error: unknown, palette: Palette): string {
  const stack = error instanceof Error ? (error.stack ?? `${error.name}: ${error.message}`) : String(error);
  return `${palette.red('This is a bug in Phoenix.')}\n${stack}\n${palette.cyan('hint:')} please report it with the command line, the lines above and the output of \`phoenix --version\`.\n`;
}

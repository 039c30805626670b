import type { Output } from '../context.js';

/** Functions that wrap text in colours, or leave it alone. */
export interface Palette {
  readonly bold: (text: string) => string;
  readonly dim: (text: string) => string;
  readonly red: (text: string) => string;
  readonly green: (text: string) => string;
  readonly yellow: (text: string) => string;
  readonly cyan: (text: string) => string;
  readonly magenta: (text: string) => string;
}

/** What decides about colour. */
export interface ColourWish {
  readonly env: Readonly<Record<string, string | undefined>>;
  /** `false` by `--no-color`. */
  readonly option?: boolean | undefined;
  readonly output: Pick<Output, 'isTerminal'>;
}

/**
 * Whether to colour an output: `--no-color` and NO_COLOR say no, FORCE_COLOR says yes, else only a terminal
 * that is not dumb is coloured (no-color.org, force-color.org).
 */
export function wantsColour({ env, option, output }: ColourWish): boolean {
  if (option === false || (env.NO_COLOR ?? '') !== '') return false;
  if (env.FORCE_COLOR !== undefined) return env.FORCE_COLOR !== '0' && env.FORCE_COLOR !== 'false';
  return output.isTerminal && env.TERM !== 'dumb';
}

/** A palette that colours, or one that does not. */
export function createPalette(colour: boolean): Palette {
  const wrap = (open: number, close: number) => (text: string) =>
    colour && text !== '' ? `\u001b[${open}m${text}\u001b[${close}m` : text;
  return {
    bold: wrap(1, 22),
    dim: wrap(2, 22),
    red: wrap(31, 39),
    green: wrap(32, 39),
    yellow: wrap(33, 39),
    cyan: wrap(36, 39),
    magenta: wrap(35, 39),
  };
}

/**
 * The syntax tree of a shell script, as {@link parseScript} makes it and the interpreter walks it.
 * All text is a byte string: one character (0–255) per byte, so that any bytes pass through unchanged.
 */

/** A piece of a word. `quoted` pieces are neither split into fields nor taken as patterns. */
export type WordPart =
  | { readonly kind: 'text'; readonly text: string; readonly quoted: boolean }
  | { readonly kind: 'quoted'; readonly parts: readonly WordPart[] }
  | {
      readonly kind: 'parameter';
      readonly name: string;
      readonly index?: Word;
      readonly length?: boolean;
      readonly indirect?: boolean;
      readonly operator?: string;
      readonly argument?: Word;
      readonly second?: Word;
    }
  | { readonly kind: 'command'; readonly body: List }
  | { readonly kind: 'process'; readonly direction: '<' | '>'; readonly body: List }
  | { readonly kind: 'arithmetic'; readonly expression: Word };

/** A word before expansion. */
export interface Word {
  readonly parts: readonly WordPart[];
}

/** `2>file`, `<&3`, `<<EOF` and the like. */
export interface Redirection {
  readonly fd: number | undefined;
  readonly operator: '<' | '>' | '>>' | '>|' | '<>' | '<&' | '>&' | '<<' | '<<<' | '&>' | '&>>';
  readonly target: Word;
}

/** `NAME=value` before a command or alone; `NAME=(a b)` in bash. */
export interface Assignment {
  readonly name: string;
  readonly index?: Word;
  readonly append: boolean;
  readonly value: Word;
  readonly elements?: readonly Word[];
}

/** One arm of a `case`. */
export interface CaseArm {
  readonly patterns: readonly Word[];
  readonly body: List;
  readonly fallThrough: boolean;
}

/** An expression inside `[[ … ]]`. */
export type Condition =
  | { readonly kind: 'not'; readonly of: Condition }
  | { readonly kind: 'and' | 'or'; readonly left: Condition; readonly right: Condition }
  | { readonly kind: 'unary'; readonly operator: string; readonly operand: Word }
  | { readonly kind: 'binary'; readonly operator: string; readonly left: Word; readonly right: Word };

interface WithRedirections {
  readonly redirections: readonly Redirection[];
}

/** A command of any shape. */
export type Command =
  | ({
      readonly kind: 'simple';
      readonly assignments: readonly Assignment[];
      readonly words: readonly Word[];
    } & WithRedirections)
  | ({ readonly kind: 'subshell' | 'group'; readonly body: List } & WithRedirections)
  | ({
      readonly kind: 'if';
      readonly branches: readonly { readonly condition: List; readonly body: List }[];
      readonly otherwise?: List;
    } & WithRedirections)
  | ({
      readonly kind: 'for';
      readonly name: string;
      readonly words?: readonly Word[];
      readonly body: List;
    } & WithRedirections)
  | ({
      readonly kind: 'count';
      readonly start: Word;
      readonly test: Word;
      readonly step: Word;
      readonly body: List;
    } & WithRedirections)
  | ({
      readonly kind: 'while';
      readonly until: boolean;
      readonly condition: List;
      readonly body: List;
    } & WithRedirections)
  | ({ readonly kind: 'case'; readonly word: Word; readonly arms: readonly CaseArm[] } & WithRedirections)
  | { readonly kind: 'function'; readonly name: string; readonly body: Command }
  | ({ readonly kind: 'condition'; readonly condition: Condition } & WithRedirections)
  | ({ readonly kind: 'calculation'; readonly expression: Word } & WithRedirections);

/** Commands joined by `|`. */
export interface Pipeline {
  readonly negated: boolean;
  readonly commands: readonly Command[];
}

/** Pipelines joined by `&&` and `||`. */
export interface AndOr {
  readonly first: Pipeline;
  readonly rest: readonly { readonly operator: '&&' | '||'; readonly pipeline: Pipeline }[];
  readonly background: boolean;
}

/** A sequence of commands. */
export interface List {
  readonly items: readonly AndOr[];
}

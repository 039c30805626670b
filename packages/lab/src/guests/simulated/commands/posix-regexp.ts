import { bracketSet } from '../shell/pattern.js';

/**
 * Turns a POSIX regular expression into JavaScript's.
 *
 * @param extended Whether `+?|(){}` are operators by themselves (`grep -E`) or only with a backslash (`grep`, `sed`; GNU).
 */
export function posixRegExp(pattern: string, extended: boolean, flags = ''): RegExp {
  let source = '';
  for (let index = 0; index < pattern.length; index += 1) {
    const char = pattern[index] ?? '';
    if (char === '[') {
      const set = bracketSet(pattern, index);
      if (set !== undefined) {
        source += set.source;
        index = set.end;
        continue;
      }
      source += '\\[';
    } else if (char === '\\') {
      index += 1;
      const next = pattern[index] ?? '';
      if (/[0-9]/.test(next)) source += `\\${next}`;
      else if ('+?|(){}'.includes(next) && next !== '') source += extended ? `\\${next}` : next;
      else if (next === '<' || next === '>') source += '\\b';
      else if (/[wWsSbBn]/.test(next)) source += `\\${next}`;
      else if (next === '`') source += '^';
      else source += /[.*[\]^$\\/+?|(){}]/.test(next) ? `\\${next}` : next;
    } else if ('+?|(){}'.includes(char)) source += extended ? char : `\\${char}`;
    else if (char === '*' && (source === '' || /(^|[^\\])[(|^]$/.test(source)) && !extended) source += '\\*';
    else if (char === '/') source += '\\/';
    else source += char;
  }
  return new RegExp(source, flags);
}

import { describe, expect, test } from 'vitest';
import { parseScript } from './parse-script.js';

describe('parseScript', () => {
  test('reads the shapes that install scripts are made of', () => {
    const script = `
set -eu
f() { echo "$1"; }
function g { :; }
if [ -f /etc/x ] && ! grep -q a /etc/x; then f 1; elif true; then f 2; else f 3; fi
for i in a "b c" $d; do echo $i; done | while read -r line; do echo "$line"; done
case "$x" in a|b) echo 1 ;; *) echo 2 ;; esac
cat >/etc/file <<EOF 2>/dev/null
hello $(date +%s) \`id\`
EOF
cat <<-'END'
	raw $x
	END
( cd /tmp; x=$((1 + 2 * (3))) ) &
[[ $a == b* && ! ( -f x || $c =~ ^(a|b)+$ ) ]]
(( i++ ))
a=(1 2 "3 4"); a+=(5)
echo "\${a[@]}" \${#a[@]} \${x:-def} \${x%%.*} \${x//a/b} \${x:1:2} &>/dev/null
`;
    expect(() => parseScript(script)).not.toThrow();
    expect(parseScript(script).items.length).toBe(14);
  });

  test.each([
    ['if true; then echo', 'Syntax error: end of file unexpected'],
    ['echo "abc', 'Syntax error: Unterminated quoted string'],
    ['echo ok\n)', 'Syntax error: ")" unexpected'],
    ['for 1x in a; do :; done', 'Syntax error: Bad for loop variable'],
    ['done', 'Syntax error: "done" unexpected'],
  ])('refuses %j as sh does', (script, message) => {
    expect(() => parseScript(script)).toThrow(message);
  });
});

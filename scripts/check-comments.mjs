// Checks the first word of each comment in src/: CONTRIBUTING.md, section "Comments", rule 1. Words that begin a clause instead of naming
// the thing ("What …", "Whether …", "Of several …") are refused.
// `node scripts/check-comments.mjs [ROOT]`: ROOT is a directory with a `src` in it, this repository by default.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** First words of a clause without a noun of its own. */
const REFUSED =
  /^(?:And|How|However|Its|Nor|Of|So|The same|Those|What|Whatever|Where|Whether|Which|Who|Whoever|Whose)\b/;
/** A doc comment, or lines of `//` that nothing precedes. */
const COMMENT = /^[ \t]*(?:\{?\/\*\*?(?<block>[\s\S]*?)\*\/|\/\/(?<line>.*)(?:\n[ \t]*\/\/.*)*)/gm;

const root = process.argv[2] ?? fileURLToPath(new URL('..', import.meta.url));

for (const file of readdirSync(join(root, 'src'), { recursive: true }).sort((a, b) => (a < b ? -1 : 1))) {
  if (!/\.tsx?$/.test(file)) continue;
  const code = readFileSync(join(root, 'src', file), 'utf8');
  for (const { 0: comment, index, groups } of code.matchAll(COMMENT)) {
    const text = (groups?.['block'] ?? groups?.['line'] ?? '').replace(/^[\s*]+/, '');
    const [start] = REFUSED.exec(text) ?? [];
    if (start === undefined) continue;
    const line = code.slice(0, index + comment.search(/\S/)).split('\n').length;
    console.error(`src/${file}:${line}: the comment begins with "${start}": begin with a verb or a noun.`);
    process.exitCode = 1;
  }
}

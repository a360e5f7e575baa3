import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Forms of state that outlives a call: variables of a module, collections of a module that start empty, and fields that change. */
const STATE = [
  /^(?:export )?let \w/m,
  /^(?:export )?const \w+(?:: [^=\n]+)? = new (?:Map|Set|WeakMap|WeakSet)(?:<[^\n]*>)?\(\);/m,
  /^ {2}(?:(?:readonly|protected|private|static) )*#?\w+(?:: [^=;\n(]+)? = (?:new (?:Map|Set|WeakMap|WeakSet)\b|\[\];|0n?;|-1;|false;|true;|'';|Number\.)/m,
  /^ {2}(?!readonly )(?:private )?#\w+: [^=;\n(]+ \| undefined;/m,
];

/** Pages in a browser, and commands that run once: their tests are about what a user sees. */
const NOT_CONCERNED = /^src\/(?:server\/page|cli)\//;

/** Returns the files of `src/` that hold state. */
export function filesWithState(root) {
  return readdirSync(join(root, 'src'), { recursive: true })
    .map((name) => `src/${name.replaceAll('\\', '/')}`)
    .filter((file) => /\.tsx?$/.test(file) && !NOT_CONCERNED.test(file))
    .filter((file) => {
      const source = readFileSync(join(root, file), 'utf8');
      return STATE.some((form) => form.test(source));
    });
}

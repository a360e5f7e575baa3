// Escapes the characters outside of ASCII in built code that has few of them: V8 keeps a file with a single one of them in two bytes for each
// character, which is 0.2 MB for the chunk with the span processor.
import { parseAst } from 'rolldown/parseAst';

/** Characters of code for each that is escaped, at least: an escape has six. Code with lists of words in many languages stays as it is. */
const CODE_PER_ESCAPE = 1_000;

// oxlint-disable-next-line no-control-regex -- all of ASCII
const NON_ASCII = /[^\0-\x7f]/g;

/** Returns the same code in ASCII; unchanged, if that would make it longer by more than about half a percent. */
export function escapeNonAscii(code) {
  const found = code.match(NON_ASCII)?.length ?? 0;
  if (found === 0 || found * CODE_PER_ESCAPE > code.length) return code;
  let escaped = '';
  let end = 0;
  for (const literal of literalsOf(code)) {
    escaped +=
      code.slice(end, literal.start) + code.slice(literal.start, literal.end).replace(NON_ASCII, escapeOf);
    end = literal.end;
  }
  return escaped + code.slice(end);
}

/** Returns the strings, regular expressions and parts of templates, in their order. Tagged templates can see their escapes. */
function literalsOf(code) {
  const literals = [];
  const visit = (node) => {
    if (typeof node !== 'object' || node === null) return;
    if (node.type === 'TaggedTemplateExpression') node.quasi.expressions.forEach(visit);
    else if (node.type === 'Literal' || node.type === 'TemplateElement') literals.push(node);
    else Object.values(node).forEach(visit);
  };
  visit(parseAst(code).body);
  return literals.sort((a, b) => a.start - b.start);
}

/** A UTF-16 unit, because two of them are one character to a regular expression as well. */
function escapeOf(unit) {
  return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
}

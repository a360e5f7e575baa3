// Breaks minified code into short lines, because Node.js prints the whole line of an uncaught error.
import { parseAst } from 'rolldown/parseAst';

/** A node after one of these characters may begin a line: no `return`, `async` or operator precedes it, which a break would cut off. */
const BEFORE_BREAK = new Set(',;{}([');

/** Returns the same code in lines of at most `maxLength` characters, as far as it has places to break. */
export function breakLines(code, maxLength = 240) {
  const lines = [];
  let start = 0;
  let last = 0;
  for (const position of [...breakPositions(code), code.length]) {
    if (position - start > maxLength && last > start) {
      lines.push(code.slice(start, last));
      start = last;
    }
    // A line break that the code has already, in a template literal or after a comment.
    const newline = code.slice(last, position).lastIndexOf('\n');
    if (newline >= 0) {
      lines.push(code.slice(start, last + newline));
      start = last + newline + 1;
    }
    last = position;
  }
  lines.push(code.slice(start));
  return lines.join('\n');
}

/** Returns the beginnings of nodes that may begin a line, in their order. */
function breakPositions(code) {
  const positions = new Set();
  const visit = (value) => {
    if (Array.isArray(value)) {
      for (const node of value) {
        if (typeof node?.start === 'number' && node.type !== 'TemplateElement') add(node.start);
        visit(node);
      }
    } else if (typeof value === 'object' && value !== null) Object.values(value).forEach(visit);
  };
  const add = (start) => {
    if (BEFORE_BREAK.has(code[start - 1])) positions.add(start);
  };
  visit(parseAst(code).body);
  return [...positions].sort((a, b) => a - b);
}

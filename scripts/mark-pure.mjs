// Marks the values of top-level constants in built ES modules as free of side effects, so that the bundler of an application leaves out those
// that it does not use. `sideEffects` in package.json says the same of whole files, but built code is one file for many modules.
import { parseAst } from 'rolldown/parseAst';

const PURE = '/* @__PURE__ */';

/** Types of expressions that every bundler can see to be free of side effects. */
const PLAIN = new Set([
  'ArrowFunctionExpression',
  'ClassExpression',
  'FunctionExpression',
  'Identifier',
  'Literal',
]);

/** Returns the same code with a mark at each top-level constant whose value a bundler would evaluate even if nothing used it. */
export function markPure(code) {
  const values = parseAst(code)
    .body.map((node) => node.declaration ?? node)
    .filter(({ type }) => type === 'VariableDeclaration')
    .flatMap(({ declarations }) => declarations.map(({ init }) => init))
    .filter((init) => init && !isPlain(init, code));
  let marked = '';
  let end = 0;
  for (const value of values) {
    const text = code.slice(value.start, value.end);
    // The mark of a call says nothing about its arguments. A function that is called at once has none.
    marked += `${code.slice(end, value.start)}${PURE}${isPlainCall(value, code) ? text : `(()=>(${text}))()`}`;
    ({ end } = value);
  }
  return marked + code.slice(end);
}

function isPlain(node, code) {
  switch (node?.type) {
    case 'ArrayExpression':
      return node.elements.every((element) => isPlain(element, code));
    case 'CallExpression':
    case 'NewExpression':
      return code.slice(0, node.start).trimEnd().endsWith(PURE) && isPlainCall(node, code);
    case 'ObjectExpression':
      return node.properties.every(({ computed, value }) => !computed && isPlain(value, code));
    case 'TemplateLiteral':
      return node.expressions.length === 0;
    case 'UnaryExpression':
      return node.argument.type === 'Literal';
    default:
      return PLAIN.has(node?.type);
  }
}

/** Returns whether a mark is enough for a call: neither its arguments nor the object of its method need another. */
function isPlainCall(node, code) {
  if (node.type !== 'CallExpression' && node.type !== 'NewExpression') return false;
  const { object, type } = node.callee;
  const isPlainCallee =
    type === 'Identifier' || (type === 'MemberExpression' && object.type === 'Identifier');
  return isPlainCallee && node.arguments.every((argument) => isPlain(argument, code));
}

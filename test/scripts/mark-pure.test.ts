import { rolldown } from 'rolldown';
import { expect, test } from 'vitest';
import { markPure } from '../../scripts/mark-pure.mjs';

/** Values that a bundler evaluates unless they are marked, or that it leaves out by itself. */
const VALUES = [
  'other.property',
  '{ ...other, list: [...other.list] }',
  '{ [other.name]: 1 }',
  '[other.list.length]',
  'new Map(Object.entries({ a: 1 }))',
  '/* @__PURE__ */ new Set(other.list)',
  '/* @__PURE__ */ new Set([1])',
  'Symbol.for("name")',
  'make(1, { a: -1, b: [`two`] })',
  'make(other.list)(1)',
  'String.raw`\\d${other.name}`',
  '`${other.name}`',
  'other.list ?? (make(1), 2)',
  'make(2) + 1',
  '-other.list.length',
  '(a) => make(a)',
  'class { a = make(1) }',
  '/./',
];

const BEFORE = 'const make = (value) => () => value; const other = { name: "n", property: 1, list: [2, 3] };';

test.each(VALUES)('a bundle has no trace of a constant of the value %s that nothing uses', async (value) => {
  const code = markPure(`${BEFORE} export const used = 'used'; export const unused = ${value};`);
  const bundle = await bundleOf(code, `export { used } from 'library';`);
  expect(bundle.replaceAll(/\s/g, '')).toBe('constused=`used`;export{used};');
});

test.each(VALUES)('the mark does not change the value %s', async (value) => {
  const code = `${BEFORE} const constant = ${value}, next = constant; export { constant, next };`;
  const [before, after] = [await moduleOf(code), await moduleOf(markPure(code))];
  expect(after).toHaveProperty('constant', expect.anything());
  expect(JSON.stringify(after['constant'])).toBe(JSON.stringify(before['constant']));
  expect(after['next']).toBe(after['constant']);
});

test('values that every bundler leaves out by itself have no mark', () => {
  const code =
    'const a=1,b=`x`,c={d:[!0,e=>f()],g(){}},h=function(){},i=c;let j;var k=/* @__PURE__ */new Set([a]);';
  expect(markPure(code)).toBe(code);
});

async function bundleOf(library: string, application: string): Promise<string> {
  const files: Record<string, string> = { library, application };
  const bundle = await rolldown({
    input: 'application',
    plugins: [{ name: 'files', resolveId: (id) => id, load: (id) => files[id] ?? null }],
  });
  const { output } = await bundle.generate({ format: 'esm', minify: { compress: true, mangle: false } });
  await bundle.close();
  return output[0].code;
}

async function moduleOf(code: string): Promise<Record<string, unknown>> {
  return (await import(`data:text/javascript,${encodeURIComponent(code)}`)) as Record<string, unknown>;
}

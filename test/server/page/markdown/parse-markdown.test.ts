import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseMarkdown as parse } from '../../../../src/server/page/markdown/parse-markdown.js';
import type { BlockNode, CodeToken, InlineNode } from '../../../../src/server/page/markdown/markdown-node.js';
import { hostileTexts } from './hostile-texts.js';

/** Colours as many words as the language has letters. The libraries of colours need types of the browser: see the test of the page. */
const highlight = (code: string, language = ''): CodeToken[] =>
  code.split(/(?= )/).map((text, i) => ({ text, scope: i < language.length ? 'hljs-keyword' : undefined }));

const parseMarkdown = (text: string): readonly BlockNode[] => parse(text, highlight);

const inlineOf = (text: string): readonly InlineNode[] => {
  const [block] = parseMarkdown(text);
  return block?.type === 'paragraph' ? block.children : [];
};

/** Addresses of the kinds of nodes that have one. */
const ALLOWED_URL: Readonly<Record<string, RegExp>> = { link: /^(https?|mailto):/, image: /^https?:/ };

/** All nodes of a tree, whatever holds them. */
function allNodes(value: unknown): Record<string, unknown>[] {
  if (Array.isArray(value)) return value.flatMap(allNodes);
  if (typeof value !== 'object' || value === null) return [];
  const node = value as Record<string, unknown>;
  return [node, ...Object.values(node).flatMap(allNodes)];
}

test('paragraphs, emphasis, code, breaks and links are read', () => {
  expect(inlineOf('a **b** *c* ~~d~~ `e` [f](https://example.com/x)')).toEqual([
    { type: 'text', text: 'a ' },
    { type: 'strong', children: [{ type: 'text', text: 'b' }] },
    { type: 'text', text: ' ' },
    { type: 'emphasis', children: [{ type: 'text', text: 'c' }] },
    { type: 'text', text: ' ' },
    { type: 'deleted', children: [{ type: 'text', text: 'd' }] },
    { type: 'text', text: ' ' },
    { type: 'code', text: 'e' },
    { type: 'text', text: ' ' },
    { type: 'link', url: 'https://example.com/x', children: [{ type: 'text', text: 'f' }] },
  ]);
});

test('lists have numbers, tasks and lists within them', () => {
  expect(parseMarkdown('3. a\n4. b\n   - [x] c\n   - [ ] d')).toEqual([
    {
      type: 'list',
      start: 3,
      items: [
        { isDone: undefined, children: [{ type: 'paragraph', children: [{ type: 'text', text: 'a' }] }] },
        {
          isDone: undefined,
          children: [
            { type: 'paragraph', children: [{ type: 'text', text: 'b' }] },
            {
              type: 'list',
              start: undefined,
              items: [
                { isDone: true, children: [{ type: 'paragraph', children: [{ type: 'text', text: 'c' }] }] },
                { isDone: false, children: [{ type: 'paragraph', children: [{ type: 'text', text: 'd' }] }] },
              ],
            },
          ],
        },
      ],
    },
  ]);
});

test('a table has a head, rows and the alignment of its columns', () => {
  const [table] = parseMarkdown('| a | b |\n| :- | -: |\n| 1 | 2 |');
  expect(table).toEqual({
    type: 'table',
    align: ['left', 'right'],
    rows: [
      [[{ type: 'text', text: 'a' }], [{ type: 'text', text: 'b' }]],
      [[{ type: 'text', text: '1' }], [{ type: 'text', text: '2' }]],
    ],
  });
});

test('code is split by colour, in lower case of its language, and without one', () => {
  expect(parseMarkdown('```C\na b\n```')).toEqual([
    {
      type: 'code',
      language: 'c',
      tokens: [
        { text: 'a', scope: 'hljs-keyword' },
        { text: ' b', scope: undefined },
      ],
    },
  ]);
  expect(parseMarkdown('    a')).toEqual([
    { type: 'code', language: undefined, tokens: [{ text: 'a', scope: undefined }] },
  ]);
});

test('headings are below those of the page, and none is more than one level below the one before', () => {
  const levels = parseMarkdown('### a\n# b\n###### c\n## d').map((block: BlockNode) =>
    block.type === 'heading' ? block.level : 0,
  );
  expect(levels).toEqual([4, 4, 5, 5]);
});

test('HTML stays the text that it is', () => {
  expect(inlineOf('a <b>c</b>')).toEqual([
    { type: 'text', text: 'a ' },
    { type: 'text', text: '<b>' },
    { type: 'text', text: 'c' },
    { type: 'text', text: '</b>' },
  ]);
  expect(parseMarkdown('<div>\na\n</div>')).toEqual([
    { type: 'paragraph', children: [{ type: 'text', text: '<div>\na\n</div>' }] },
  ]);
});

test('a text below the greatest depth is shown as it was sent', () => {
  const blocks = parseMarkdown(`${'> '.repeat(60)}deep`);
  expect(JSON.stringify(blocks)).toContain('deep');
  expect(allNodes(blocks).filter(({ type }) => type === 'quote').length).toBeLessThan(30);
});

test('a text with more nodes than a page can show is refused', () => {
  expect(() => parseMarkdown('`a` '.repeat(5100))).toThrow(RangeError);
  expect(() => parseMarkdown('`a` '.repeat(4900))).not.toThrow();
});

test('links and images have an allowed protocol, whatever the text', () => {
  const refused = (text: string): unknown[] =>
    allNodes(parseMarkdown(text)).filter(
      ({ type, url }) => !ALLOWED_URL[String(type)]?.test(String(url)) && url !== undefined,
    );
  for (const text of hostileTexts) expect(refused(text)).toEqual([]);
  const piece = fc.constantFrom(
    ...hostileTexts,
    '[',
    ']',
    '(',
    ')',
    '<',
    '>',
    '`',
    '*',
    '\n',
    '> ',
    '- ',
    '|',
    ':',
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(piece, fc.string()), { maxLength: 8 }), (pieces) => {
      expect(refused(pieces.join(''))).toEqual([]);
    }),
    { numRuns: 300 },
  );
});

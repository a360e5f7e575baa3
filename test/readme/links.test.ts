import { execFileSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readDocument, ROOT, USER_DOCUMENTS } from './documents.js';
import { anchorsOf, relativeLinks } from './markdown-links.js';

const packed: { files: readonly string[] } = JSON.parse(readDocument('package.json'));
const everyMarkdown = execFileSync('git', ['ls-files', '*.md'], { cwd: ROOT, encoding: 'utf8' })
  .trim()
  .split('\n')
  .filter((path) => existsSync(join(ROOT, path)));

test('every relative link of a Markdown file leads to a file, and to a heading of it', () => {
  expect(everyMarkdown.length).toBeGreaterThan(50);
  expect(everyMarkdown.flatMap(brokenLinks)).toEqual([]);
});

test('every relative link of a document in the package leads to a file in the package', () => {
  expect(USER_DOCUMENTS.filter((path) => !isPacked(path))).toEqual([]);
  const outside = USER_DOCUMENTS.flatMap((document) =>
    relativeLinks(readDocument(document))
      .filter(({ path }) => path !== '')
      .map(({ path }) => normalize(join(dirname(document), path)))
      .filter((target) => !isPacked(target)),
  );
  expect(outside).toEqual([]);
});

test('the index of the documentation names every page', () => {
  const linked = new Set(relativeLinks(readDocument('docs/README.md')).map(({ path }) => `docs/${path}`));
  const pages = USER_DOCUMENTS.filter((path) => path.startsWith('docs/') && path !== 'docs/README.md');
  expect(pages.filter((page) => !linked.has(page))).toEqual([]);
});

describe('the check of links', () => {
  test('finds links in text, with titles and in images, but not those in code', () => {
    const text =
      '[a](a.md) ![b](b.png "B") `[c](c.md)`\n```md\n[d](d.md)\n```\n[e](https://e.example) [f](#f)';
    expect(relativeLinks(text)).toEqual([
      { path: 'a.md', anchor: undefined },
      { path: 'b.png', anchor: undefined },
      { path: '', anchor: 'f' },
    ]);
  });

  test('makes anchors as GitHub does, also of headings that occur twice', () => {
    const text = "# By hand: `TrubricsClient`\n```sh\n# no heading\n```\n## It's here\n## It's here\n";
    expect([...anchorsOf(text)]).toEqual(['by-hand-trubricsclient', 'its-here', 'its-here-1']);
  });
});

function brokenLinks(document: string): readonly string[] {
  return relativeLinks(readDocument(document))
    .filter(({ path, anchor }) => !leadsSomewhere(document, path, anchor))
    .map(({ path, anchor }) => `${document}: ${path}${anchor === undefined ? '' : `#${anchor}`}`);
}

function leadsSomewhere(document: string, path: string, anchor: string | undefined): boolean {
  const target = path === '' ? document : normalize(join(dirname(document), path));
  if (!existsSync(join(ROOT, target))) return false;
  return anchor === undefined || anchorsOf(readDocument(target)).has(anchor);
}

/** Returns whether a path is part of the package. npm adds `README.md`, `LICENSE` and `package.json` itself. */
function isPacked(path: string): boolean {
  const always = ['README.md', 'LICENSE', 'package.json'];
  return [...always, ...packed.files].some((entry) => path === entry || path.startsWith(`${entry}/`));
}

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = fileURLToPath(new URL('../..', import.meta.url));

/** Paths, from the root, of the Markdown files that users read. All are part of the package. */
export const USER_DOCUMENTS: readonly string[] = [
  'README.md',
  'examples/README.md',
  ...readdirSync(join(ROOT, 'docs'))
    .filter((name) => name.endsWith('.md'))
    .map((name) => `docs/${name}`),
];

/** A block of code in a document. */
export interface Snippet {
  /** From the comment `<!-- run: name -->` above the block; `undefined` without one. */
  readonly name: string | undefined;
  readonly language: string;
  readonly source: string;
  /** Path of the document, from the root. */
  readonly document: string;
}

export function readDocument(path: string): string {
  return readFileSync(join(ROOT, path), 'utf8');
}

/** Returns the blocks of code of all documents for users. */
export function allSnippets(): readonly Snippet[] {
  return USER_DOCUMENTS.flatMap((document) => {
    const blocks = readDocument(document).matchAll(
      /(?:<!-- run: (\w+) -->\s*)?^[ ]*```(\w*)[^\n]*\n([\s\S]*?)^[ ]*```$/gm,
    );
    return [...blocks].map(([, name, language = '', source = '']) => ({ name, language, source, document }));
  });
}

import { highlightCode } from './highlight-code.js';
import type { MarkdownRequest, MarkdownResponse } from './markdown-parser.js';
import { parseMarkdown } from './parse-markdown.js';

/** A worker that reads Markdown, so that a text which takes long never stops the page. */

addEventListener('message', ({ data: { key, text } }: MessageEvent<MarkdownRequest>) => {
  const response: MarkdownResponse = { key, blocks: parseMarkdown(text, highlightCode) };
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- the page of a worker has no origin
  postMessage(response);
});

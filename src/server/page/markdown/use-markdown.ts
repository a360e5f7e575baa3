import { useEffect, useState } from 'preact/hooks';
import { MarkdownParser, MAX_MARKDOWN_LENGTH, type ParsedMarkdown } from './markdown-parser.js';

/** Characters that can begin Markdown. A text without any of it is the same as plain text. */
const MARKUP = /[`*_#>~|[\]<&\\+=-]|:\/\/|www\.|\d[.)]\s|@|^(?: {4}|\t)/m;

const parser = new MarkdownParser();

/**
 * Reads a text in a worker. Undefined until it has been read, and for a text without any markup; `failed` for one that stays plain
 * because it is too long or takes too long.
 */
export function useMarkdown(text: string): ParsedMarkdown | undefined {
  const isTooLong = text.length > MAX_MARKDOWN_LENGTH;
  const isPlain = !isTooLong && !MARKUP.test(text);
  const known = isTooLong || isPlain ? undefined : parser.known(text);
  const [, setParsed] = useState<ParsedMarkdown>();
  useEffect(() => {
    if (isTooLong || isPlain || parser.known(text)) return undefined;
    let isGone = false;
    void parser.parse(text).then((parsed) => {
      if (!isGone) setParsed(parsed);
      return parsed;
    });
    return () => {
      isGone = true;
    };
  }, [text]);
  return isTooLong ? 'failed' : known;
}

import { asText, codeOf, isRecord } from '../common/unknown-values.js';
import { parseItem } from './formats/parse-item.js';
import { isDeletionOrDocument, isReadable } from './formats/read-value.js';
import type { ByteSource } from './input/byte-source.js';
import { firstLineOf, framingOf, isOwnCsv, type Framing } from './input/framing.js';
import { splitJson, splitLines, type RawItem } from './input/split-items.js';
import { isLangfuseHeader } from './langfuse/csv-items.js';
import { readLangfuseItems } from './langfuse/langfuse-item.js';

/** A file of which it is known what is in it. */
export interface KnownFile {
  readonly source: ByteSource;
  readonly framing: Framing;
  /** `log`: the file of `dev`, in which later lines delete earlier ones. */
  readonly content: 'records' | 'log' | 'langfuse';
}

/** A file that cannot be imported. */
export class UnreadableFileError extends Error {
  override readonly name = 'UnreadableFileError';
}

/**
 * Looks into a file. A source that is read twice is made repeatable.
 *
 * @throws UnreadableFileError if it is in UTF-16, or damaged from the beginning.
 */
export async function recogniseFile(source: ByteSource): Promise<KnownFile> {
  const head = await source.head().catch((error: unknown) => {
    throw new UnreadableFileError(`${source.name} cannot be read (${asText(codeOf(error)) ?? 'damaged'})`);
  });
  const framing = framingOf(head, (line) => isOwnCsv(line) || isLangfuseHeader(line));
  if (framing === undefined)
    throw new UnreadableFileError(
      `${source.name} is in UTF-16: convert it to UTF-8 first, for instance with iconv -f UTF-16 -t UTF-8`,
    );
  const content = framing === 'csv' ? contentOfCsv(head) : await contentOf(head, framing);
  return { framing, content, source: content === 'records' ? source : await source.repeatable() };
}

function contentOfCsv(head: Buffer): KnownFile['content'] {
  return isOwnCsv(firstLineOf(head)) ? 'records' : 'langfuse';
}

/** Divides what is no CSV into items. */
export function itemsOf(
  bytes: AsyncIterable<Buffer>,
  framing: Framing,
  name: string,
): AsyncIterable<readonly RawItem[]> {
  return framing === 'json' ? splitJson(bytes, name) : splitLines(bytes, name);
}

/** Decides by the first item that is known. */
async function contentOf(head: Buffer, framing: Framing): Promise<KnownFile['content']> {
  for await (const chunk of itemsOf(only(head), framing, ''))
    for (const item of chunk) {
      const values = parseItem(item);
      const content = 'reason' in values ? undefined : values.map(contentOfValue).find(Boolean);
      if (content) return content;
    }
  return 'records';
}

function contentOfValue(value: unknown): KnownFile['content'] | undefined {
  if (isDeletionOrDocument(value)) return 'log';
  if (isReadable(value)) return isLogLine(value) ? 'log' : 'records';
  return readLangfuseItems(value).length > 0 ? 'langfuse' : undefined;
}

/** Records of an export have a number in the order of arrival; those in the file of `dev` have none. */
function isLogLine(value: unknown): boolean {
  return isRecord(value) && 'receivedAt' in value && !('seq' in value);
}

async function* only(bytes: Buffer): AsyncGenerator<Buffer, void> {
  yield bytes;
}

/** Position in a file, for messages and for ids. */
export interface Place {
  readonly file: string;
  /** Lines are counted as an editor does. Items of a JSON list and rows of a CSV file are counted from 1. */
  readonly unit: 'line' | 'item' | 'row';
  readonly number: number;
}

/** One line, or one element of a JSON list, that has not been parsed. */
export interface RawItem {
  readonly place: Place;
  /** Undefined if the item is longer than {@link MAX_ITEM_BYTES}. */
  readonly text: string | undefined;
}

/** Longer items are left out, so that memory stays flat whatever a file holds. */
export const MAX_ITEM_BYTES = 64 * 1024 * 1024;

const [LINE_FEED, QUOTE, BACKSLASH, COMMA] = [0x0a, 0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** Splits a file into its lines. Blank lines are counted and left out. Yields the lines of one chunk at a time. */
export async function* splitLines(
  bytes: AsyncIterable<Buffer>,
  file: string,
  maxBytes = MAX_ITEM_BYTES,
): AsyncGenerator<readonly RawItem[], void> {
  const parts = new ItemParts(maxBytes);
  let number = 0;
  const take = (): RawItem[] => {
    number++;
    const text = parts.take();
    return text?.trim() === '' ? [] : [{ place: { file, unit: 'line', number }, text }];
  };
  for await (const chunk of bytes) {
    const items: RawItem[] = [];
    let from = 0;
    for (let end = chunk.indexOf(LINE_FEED); end !== -1; end = chunk.indexOf(LINE_FEED, from)) {
      parts.add(chunk.subarray(from, end));
      items.push(...take());
      from = end + 1;
    }
    parts.add(chunk.subarray(from));
    if (items.length > 0) yield items;
  }
  if (!parts.isEmpty) yield take();
}

/**
 * Splits JSON that may stretch over several lines: the elements of a list, or several values one after the other. What is no JSON is
 * yielded as it stands, so that it is reported.
 */
export async function* splitJson(
  bytes: AsyncIterable<Buffer>,
  file: string,
  maxBytes = MAX_ITEM_BYTES,
): AsyncGenerator<readonly RawItem[], void> {
  const parts = new ItemParts(maxBytes);
  let number = 0;
  const take = (): RawItem[] => {
    const text = parts.take()?.replace(/^[\s\uFEFF]+|\s+$/g, '');
    return text === '' ? [] : [{ place: { file, unit: 'item', number: ++number }, text }];
  };
  const scanner = new JsonScanner();
  for await (const chunk of bytes) {
    const items: RawItem[] = [];
    scanner.scan(chunk, (from, end) => {
      parts.add(chunk.subarray(from, end));
      items.push(...take());
    });
    parts.add(chunk.subarray(scanner.rest));
    if (items.length > 0) yield items;
  }
  if (!parts.isEmpty) yield take();
}

/** Finds where the elements of a list, or the values outside of lists, begin and end. Keeps its state between chunks. */
class JsonScanner {
  #depth = 0;
  #isInList = false;
  #isInText = false;
  #isEscaped = false;
  /** Offset in the latest chunk of the item that has not ended. */
  rest = 0;

  scan(chunk: Buffer, onItem: (from: number, end: number) => void): void {
    this.rest = 0;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at];
      if (this.#isInText) this.#scanText(byte);
      else if (byte === QUOTE) this.#isInText = true;
      else if (byte === OPEN_OBJECT || byte === OPEN_LIST) this.#open(byte, at, onItem);
      else if (byte === CLOSE_OBJECT || byte === CLOSE_LIST) this.#close(at, onItem);
      else if (byte === COMMA && this.#isInList && this.#depth === 1) this.#end(at, at + 1, onItem);
    }
  }

  #scanText(byte: number | undefined): void {
    if (this.#isEscaped) this.#isEscaped = false;
    else if (byte === BACKSLASH) this.#isEscaped = true;
    else if (byte === QUOTE) this.#isInText = false;
  }

  #open(byte: number, at: number, onItem: (from: number, end: number) => void): void {
    if (this.#depth === 0 && byte === OPEN_LIST) {
      this.#isInList = true;
      // Text before a list is an item of its own: a byte order mark, which is left out, or no JSON.
      this.#end(at, at + 1, onItem);
    }
    this.#depth++;
  }

  #close(at: number, onItem: (from: number, end: number) => void): void {
    this.#depth = Math.max(0, this.#depth - 1);
    if (this.#depth > 0) return;
    if (this.#isInList) this.#end(at, at + 1, onItem);
    else this.#end(at + 1, at + 1, onItem);
    this.#isInList = false;
  }

  #end(end: number, next: number, onItem: (from: number, end: number) => void): void {
    onItem(this.rest, end);
    this.rest = next;
  }
}

/** The bytes of one item, which may come in several chunks. */
export class ItemParts {
  readonly #maxBytes: number;
  #parts: Buffer[] = [];
  #length = 0;

  constructor(maxBytes: number) {
    this.#maxBytes = maxBytes;
  }

  get isEmpty(): boolean {
    return this.#length === 0;
  }

  add(part: Buffer): void {
    if (part.length === 0) return;
    this.#length += part.length;
    // An item that is too long is only counted.
    if (this.#length > this.#maxBytes) this.#parts = [];
    else this.#parts.push(part);
  }

  /** Returns the text of the item, and begins the next one. Undefined: it was too long. */
  take(): string | undefined {
    const isTooLong = this.#length > this.#maxBytes;
    const text = isTooLong ? undefined : Buffer.concat(this.#parts).toString('utf8');
    this.#parts = [];
    this.#length = 0;
    return text;
  }
}

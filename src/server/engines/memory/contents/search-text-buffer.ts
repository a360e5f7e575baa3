import { toSearchable } from '../../../model/search-text.js';
import type { OpenText } from './byte-chunks.js';
import { addEdits } from './compare-texts.js';
import { foldText, FOLD_MARGIN } from './fold-text.js';
import { CountWriter } from './text-edits.js';
import { allocateViewed, type ViewedBytes } from './viewed-bytes.js';

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is dropped after its record. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** Up to this length, a loop over the characters takes less time than a native write. */
const SHORT_LENGTH = 48;
/** Bytes of a UTF-16 code unit in UTF-8, at most. */
const MAX_UNIT_BYTES = 3;
const NEWLINE = 0x0a;

/** Builds the searched text of one record after the other as UTF-8, one line per text, and the edits that make texts of their lines. */
export class SearchTextBuffer {
  /** Bytes of its own, for a text that does not fit where it should be written. */
  #own = allocateViewed(FIRST_BYTES);
  #lines: ViewedBytes = this.#own;
  #start = 0;
  #end = 0;
  /** A text before it is folded. */
  #source = allocateViewed(FIRST_BYTES);
  #edits = new CountWriter();
  #isFirstLine = true;

  /** The searched text of the record. Valid until the next `clear`. */
  get bytes(): Buffer {
    return this.#lines.bytes.subarray(this.#start, this.#end);
  }

  /** The end of the searched text in the bytes that `clear` was given; undefined if it did not fit, and is in `bytes` alone. */
  get endInTarget(): number | undefined {
    return this.#lines === this.#own ? undefined : this.#end;
  }

  /** Edits of each text that was added by `addText`, one after the other. Valid until the next `clear`. */
  get edits(): CountWriter {
    return this.#edits;
  }

  /** Begins the next record. If possible, its text is written to `target` itself. */
  clear(target?: OpenText): void {
    this.#isFirstLine = true;
    this.#edits.end = 0;
    if (this.#own.bytes.length > MAX_KEPT_BYTES || this.#source.bytes.length > MAX_KEPT_BYTES) {
      this.#own = allocateViewed(FIRST_BYTES);
      this.#source = allocateViewed(FIRST_BYTES);
      this.#edits = new CountWriter();
    }
    this.#lines = target ?? this.#own;
    this.#start = target?.used ?? 0;
    this.#end = this.#start;
  }

  /** Adds a line and its edits. Returns the number of their bytes; -1 if no edits make the text, which has to be kept. */
  addText(text: string): number {
    const start = this.#edits.end;
    if (this.#addLine(text)) return this.#edits.end - start;
    this.#edits.end = start;
    return -1;
  }

  /** Does the same with a text in UTF-8. */
  addBytes(text: Buffer, start: number, end: number): number {
    const size = end - start;
    const lineStart = this.#startLine(size);
    const source = this.#roomFor(size);
    text.copy(source.bytes, 0, start, end);
    const before = this.#edits.end;
    const lineEnd = foldText(source, size, this.#lines, lineStart, this.#edits);
    if (lineEnd !== -1) this.#end = lineEnd;
    else if (!this.#addOther(text.toString('utf8', start, end))) {
      this.#edits.end = before;
      return -1;
    }
    return this.#edits.end - before;
  }

  /** Adds a line whose text is kept elsewhere. */
  addLine(text: string): void {
    const start = this.#edits.end;
    if (text.length > SHORT_LENGTH || !this.#addShort(text)) this.#addLine(text);
    this.#edits.end = start;
  }

  #addLine(text: string): boolean {
    const start = this.#startLine(MAX_UNIT_BYTES * text.length);
    const length = this.#roomFor(MAX_UNIT_BYTES * text.length).bytes.write(text);
    const end = foldText(this.#source, length, this.#lines, start, this.#edits);
    if (end === -1) return this.#addOther(text);
    this.#end = end;
    return true;
  }

  #addOther(text: string): boolean {
    const searchable = toSearchable(text);
    this.#reserve(MAX_UNIT_BYTES * searchable.length);
    this.#end += this.#lines.bytes.write(searchable, this.#end);
    return addEdits(text, searchable, this.#edits);
  }

  /** Adds a line of ASCII without white space. Returns false, and adds nothing, if the text is another. */
  #addShort(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code <= 0x20 || code >= 0x80) return false;
    }
    let end = this.#startLine(text.length);
    const { bytes } = this.#lines;
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      bytes[end++] = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    }
    this.#end = end;
    return true;
  }

  /** Returns where a line of so many bytes begins. There is room for it. */
  #startLine(bytes: number): number {
    // One more byte for the line break.
    this.#reserve(bytes + 1);
    if (!this.#isFirstLine) this.#lines.bytes[this.#end++] = NEWLINE;
    this.#isFirstLine = false;
    return this.#end;
  }

  #reserve(count: number): void {
    const { bytes } = this.#lines;
    if (this.#end + count + FOLD_MARGIN <= bytes.length) return;
    const size = this.#end - this.#start;
    const needed = size + count + FOLD_MARGIN;
    if (this.#lines === this.#own || needed > this.#own.bytes.length) this.#own = allocateViewed(2 * needed);
    bytes.copy(this.#own.bytes, 0, this.#start, this.#end);
    this.#lines = this.#own;
    this.#start = 0;
    this.#end = size;
  }

  #roomFor(bytes: number): ViewedBytes {
    const size = bytes + FOLD_MARGIN;
    if (size > this.#source.bytes.length) this.#source = allocateViewed(2 * size);
    return this.#source;
  }
}

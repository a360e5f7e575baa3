import { toSearchable } from '../../../model/search-text.js';
import { foldText } from './fold-text.js';
import { editsOf, isWorthEdits, type TextEdits } from './text-edits.js';

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is dropped after its record. */
const MAX_KEPT_BYTES = 1024 * 1024;
const NEWLINE = 0x0a;

/** Builds the searched text of one record after the other as UTF-8, one line per text, and what makes the texts of their lines. */
export class SearchTextBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;
  /** UTF-16 code units of all texts that were added, with a line break for each. */
  length = 0;

  /** The searched text of the record. Valid until the next `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  clear(): void {
    this.#end = 0;
    this.length = 0;
    if (this.#bytes.length > MAX_KEPT_BYTES) this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  }

  /** Adds a line. Returns the edits that turn its searchable form into `text`; undefined if the text is better kept. */
  addLine(text: string): TextEdits | undefined {
    // Three bytes for a code unit are the most in UTF-8, and one is for the line break.
    this.#reserve(3 * text.length + 1);
    if (this.length > 0) this.#bytes[this.#end++] = NEWLINE;
    this.length += text.length + 1;
    const start = this.#end;
    const edits: (number | string)[] = [];
    const end = foldText(this.#bytes, start, start + this.#bytes.write(text, start), text, edits);
    if (end === -1) return this.#addOther(text, start);
    this.#end = end;
    return isWorthEdits(text, edits) ? edits : undefined;
  }

  #addOther(text: string, start: number): TextEdits | undefined {
    const searchable = toSearchable(text);
    this.#reserve(3 * searchable.length);
    this.#end = start + this.#bytes.write(searchable, start);
    return editsOf(text, searchable);
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#end + count));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

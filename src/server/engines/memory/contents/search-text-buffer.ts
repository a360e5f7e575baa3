import { toSearchable } from '../../../model/search-text.js';
import { addEdits } from './compare-texts.js';
import { foldText } from './fold-text.js';
import { CountWriter } from './text-edits.js';

const FIRST_BYTES = 64 * 1024;
/** A larger buffer is dropped after its record. */
const MAX_KEPT_BYTES = 1024 * 1024;
/** Up to this length, a loop over the characters takes less time than a native write. */
const SHORT_LENGTH = 48;
const NEWLINE = 0x0a;

/** Builds the searched text of one record after the other as UTF-8, one line per text, and the edits that make texts of their lines. */
export class SearchTextBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
  #end = 0;
  #edits = new CountWriter();
  /** UTF-16 code units of all texts that were added, with a line break for each. */
  length = 0;

  /** The searched text of the record. Valid until the next `clear`. */
  get bytes(): Buffer {
    return this.#bytes.subarray(0, this.#end);
  }

  /** Edits of each text that was added by `addText`, one after the other. Valid until the next `clear`. */
  get edits(): CountWriter {
    return this.#edits;
  }

  clear(): void {
    this.#end = 0;
    this.length = 0;
    this.#edits.end = 0;
    if (this.#bytes.length <= MAX_KEPT_BYTES) return;
    this.#bytes = Buffer.allocUnsafeSlow(FIRST_BYTES);
    this.#edits = new CountWriter();
  }

  /** Adds a line and its edits. Returns the number of their bytes; -1 if no edits make the text, which has to be kept. */
  addText(text: string): number {
    const start = this.#edits.end;
    if (this.#addLine(text)) return this.#edits.end - start;
    this.#edits.end = start;
    return -1;
  }

  /** Adds a line whose text is kept elsewhere. */
  addLine(text: string): void {
    const start = this.#edits.end;
    if (text.length > SHORT_LENGTH || !this.#addShort(text)) this.#addLine(text);
    this.#edits.end = start;
  }

  #addLine(text: string): boolean {
    const start = this.#startLine(text);
    const end = foldText(this.#bytes, start, start + this.#bytes.write(text, start), this.#edits);
    if (end === -1) return this.#addOther(text, start);
    this.#end = end;
    return true;
  }

  #addOther(text: string, start: number): boolean {
    const searchable = toSearchable(text);
    this.#reserve(3 * searchable.length);
    this.#end = start + this.#bytes.write(searchable, start);
    return addEdits(text, searchable, this.#edits);
  }

  /** Adds a line of ASCII without white space. Returns false, and adds nothing, if the text is another. */
  #addShort(text: string): boolean {
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      if (code <= 0x20 || code >= 0x80) return false;
    }
    let end = this.#startLine(text);
    for (let i = 0; i < text.length; i++) {
      const code = text.charCodeAt(i);
      this.#bytes[end++] = code >= 0x41 && code <= 0x5a ? code + 0x20 : code;
    }
    this.#end = end;
    return true;
  }

  /** Returns where the line begins. There is room for it. */
  #startLine(text: string): number {
    // Three bytes for a code unit are the most in UTF-8. One is for the line break, and one for `foldText`.
    this.#reserve(3 * text.length + 2);
    if (this.length > 0) this.#bytes[this.#end++] = NEWLINE;
    this.length += text.length + 1;
    return this.#end;
  }

  #reserve(count: number): void {
    if (this.#end + count <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafeSlow(2 * (this.#end + count));
    this.#bytes.copy(larger, 0, 0, this.#end);
    this.#bytes = larger;
  }
}

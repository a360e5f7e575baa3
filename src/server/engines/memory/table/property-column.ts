import type { PropertyValue } from '../../../../records/model/prompt-record.js';
import { toNumber } from '../../../model/measures.js';
import { valueText } from '../../../model/measure/dimensions.js';

/** JSON of a string of plain ASCII, without escapes. */
const PLAIN = /^"[ !#-[\]-~]*"$/;

/** The texts of one property by row: each is kept once, and has a number. */
export class PropertyColumn {
  /** Number of the text; 0 without one. */
  ids: Uint32Array;
  /** The text of each number; the first stands for none. */
  readonly texts: string[] = [''];
  readonly #byText = new Map<string, number>();
  /** By the bytes of the JSON, read as Latin-1: most values repeat, and are parsed once. Emptied when the column is complete. */
  readonly #byJson = new Map<string, number>();

  constructor(rows: number) {
    this.ids = new Uint32Array(rows);
  }

  set(row: number, value: PropertyValue | undefined): void {
    if (row >= this.ids.length) {
      const larger = new Uint32Array(2 * (row + 1));
      larger.set(this.ids);
      this.ids = larger;
    }
    this.ids[row] = this.#numberOf(valueText(value));
  }

  /** Sets a value that lies in bytes as JSON. */
  setJson(row: number, bytes: Buffer, start: number, end: number): void {
    const key = bytes.toString('latin1', start, end);
    let id = this.#byJson.get(key);
    if (id === undefined) {
      const text = PLAIN.test(key)
        ? key.slice(1, -1)
        : (JSON.parse(bytes.toString('utf8', start, end)) as PropertyValue);
      id = this.#numberOf(valueText(text));
      this.#byJson.set(key, id);
    }
    this.ids[row] = id;
  }

  finish(): void {
    this.#byJson.clear();
  }

  /** Returns a number above 0 for texts that a row has. */
  numbersOf(texts: readonly string[]): ReadonlySet<number> {
    return new Set(texts.map((text) => this.#byText.get(text) ?? -1));
  }

  /** Returns the numbers that texts are, by row; NaN where one is none. */
  numbers(): Float64Array {
    const numbers = Float64Array.from(this.texts, (text) => toNumber(text) ?? Number.NaN);
    const byRow = new Float64Array(this.ids.length);
    for (let row = 0; row < byRow.length; row++) byRow[row] = numbers[this.ids[row] ?? 0] ?? Number.NaN;
    return byRow;
  }

  #numberOf(text: string | undefined): number {
    if (text === undefined) return 0;
    const known = this.#byText.get(text);
    if (known !== undefined) return known;
    this.#byText.set(text, this.texts.length);
    return this.texts.push(text) - 1;
  }
}

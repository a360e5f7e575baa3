import type { StoredRecord } from '../../../model/stored-record.js';

export interface ShapeField {
  readonly name: string;
  /** The name as JSON has it before the value, with quotes and colon. */
  readonly key: Buffer;
}

/** Values of a record in the order of its shape. */
export interface ShapedValues {
  readonly number: number;
  readonly values: readonly unknown[];
}

/**
 * Shapes of records: the names of their fields, in order. There are few, but repeated in each record, they would be a third of its JSON.
 */
export class RecordShapes {
  readonly #shapes: (readonly ShapeField[])[] = [];
  readonly #numbers = new Map<string, number>();
  /** Shape of the record that was added last, and its number. */
  #lastShape: readonly ShapeField[] = [];
  #lastNumber = -1;

  fieldsOf(number: number): readonly ShapeField[] {
    return this.#shapes[number] ?? [];
  }

  /** Returns the values of a record, and the number of its shape. In place of texts that are not kept stands 0. */
  valuesOf(record: StoredRecord, isPromptKept: boolean, isAnswerKept: boolean): ShapedValues {
    const fields = record as unknown as Readonly<Record<string, unknown>>;
    const values: unknown[] = [];
    // Records that arrive together have one shape, mostly: their names are compared, in place of a key that has to be built.
    let isLast = true;
    for (const name in fields) {
      isLast &&= this.#lastShape[values.length]?.name === name;
      const isElsewhere = (name === 'prompt' && !isPromptKept) || (name === 'generation' && !isAnswerKept);
      values.push(isElsewhere ? 0 : fields[name]);
    }
    if (!isLast || values.length !== this.#lastShape.length) this.#lastNumber = this.#numberOf(fields);
    this.#lastShape = this.fieldsOf(this.#lastNumber);
    return { number: this.#lastNumber, values };
  }

  #numberOf(record: object): number {
    const names = Object.keys(record);
    const key = JSON.stringify(names);
    const known = this.#numbers.get(key);
    if (known !== undefined) return known;
    this.#numbers.set(key, this.#shapes.length);
    return (
      this.#shapes.push(names.map((name) => ({ name, key: Buffer.from(`${JSON.stringify(name)}:`) }))) - 1
    );
  }
}

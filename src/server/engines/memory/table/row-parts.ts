import { toNanoDollars } from '../../../model/cost.js';
import type { ModelPart } from '../../../model/model-parts.js';
import type { StringInterner } from './string-interner.js';

/** Usage of one interned model in a turn of several models. It is included in the sums of its row. */
export interface RowPart extends Omit<ModelPart, 'model' | 'cost'> {
  readonly model: number;
  readonly nanoDollars: number;
}

const NO_PARTS: readonly RowPart[] = [];

/** Usage of other models than that of the record, by sequence number. Few turns have any. */
export class RowParts {
  readonly #models: StringInterner;
  readonly #parts = new Map<number, readonly RowPart[]>();

  constructor(models: StringInterner) {
    this.#models = models;
  }

  of(seq: number): readonly RowPart[] {
    return this.#parts.size === 0 ? NO_PARTS : (this.#parts.get(seq) ?? NO_PARTS);
  }

  set(seq: number, parts: readonly ModelPart[]): void {
    if (parts.length === 0) return;
    const interned = parts.map(({ model, cost, ...counts }) => ({
      ...counts,
      model: this.#models.acquire(model),
      nanoDollars: toNanoDollars(cost),
    }));
    this.#parts.set(seq, interned);
  }

  remove(seq: number): void {
    for (const { model } of this.of(seq)) this.#models.release(model);
    this.#parts.delete(seq);
  }

  clear(): void {
    this.#parts.clear();
  }
}

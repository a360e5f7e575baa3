import type { MeasureAnswer } from '../../model/measure/measure-answer.js';

/** An answer that says what was asked, in the words of the URL. */
export interface MeasureResponse extends MeasureAnswer {
  /** Measure in each place of `values`. */
  readonly measures: readonly string[];
  readonly by: string | null;
}

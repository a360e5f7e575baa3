import type { Comparison } from '../../insights/compare/compare-answers.js';
import type { ComparedPeriods } from '../../insights/compare/compared-periods.js';

/** Answer of `GET /compare`. */
export interface CompareResponse extends Comparison {
  /** Each place of `changes`. */
  readonly measures: readonly string[];
  readonly by: string | null;
  readonly timeZone: string;
  /** Null if filters are compared, and not periods. */
  readonly periods: ComparedPeriods | null;
}

import { RecentMap } from '../../../../../common/collections/recent-map.js';

/** Spans that were forgotten after their record was stored. */
const MAX_SETTLED = 100_000;

/** Remembers which record a forgotten span is part of, by the id that its own record would have. The oldest are forgotten. */
export class SettledRecords extends RecentMap<string, string> {
  constructor() {
    super(MAX_SETTLED);
  }
}

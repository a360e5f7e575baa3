import type { RecordList } from '../../model/lists.js';
import type { ReviewList } from '../../review/list-review.js';

/** Answer of `GET /api/review`. */
export type ReviewResponse = Omit<ReviewList, 'next'> & Pick<RecordList, 'before'>;

import { useLayoutEffect } from 'preact/hooks';
import type { ReviewItem } from '../../../review/list-review.js';
import { askedText } from '../../../model/stored-record.js';
import { withParams } from '../../browser/location.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { formatInteger, formatTime } from '../../data/format.js';
import { FeedbackMarks } from '../../parts/feedback.js';
import { Link } from '../../parts/link.js';
import { STATE_NAMES } from '../../parts/review-controls.js';
import { visibleText } from '../../data/visible-text.js';

interface ReviewListProps {
  readonly items: readonly ReviewItem[];
  readonly total: number;
  readonly open: string | null;
  readonly path: string;
  readonly params: URLSearchParams;
  /** Undefined if no more can be listed. */
  readonly onMore?: () => void;
}

/** The answers of the work list. */
export function ReviewList({ items, total, open, path, params, onMore }: ReviewListProps) {
  const [list, withFocus] = useNewRowFocus<HTMLUListElement>();
  useLayoutEffect(() => {
    list.current?.querySelector('[aria-current]')?.scrollIntoView({ block: 'nearest' });
  }, [open]);
  const hidden = total - items.length;
  return (
    <section class="list" aria-label="Answers to review">
      <ul class="thread-list" ref={list}>
        {items.map((item) => (
          <li key={item.record.id}>
            <Link
              href={`${path}?${withParams(params, { record: item.record.id }).toString()}`}
              current={item.record.id === open}
            >
              <ItemFacts item={item} />
            </Link>
          </li>
        ))}
      </ul>
      {hidden > 0 && (
        <p class="more">
          {onMore && (
            <button type="button" onClick={withFocus(onMore)}>
              Show more
            </button>
          )}
          <span class="muted"> {formatInteger(hidden)} are not shown.</span>
        </p>
      )}
    </section>
  );
}

function ItemFacts({ item: { record, feedback, review } }: { readonly item: ReviewItem }) {
  return (
    <>
      <span class="thread-prompt" dir="auto">
        {visibleText(askedText(record) ?? '', record.id)}
      </span>
      <span class="review-marks">
        <FeedbackMarks events={feedback} />
        {review.state !== 'needs-review' && <span class="pill">{STATE_NAMES[review.state]}</span>}
        {review.assignee !== undefined && <span class="pill">{review.assignee}</span>}
        {review.note !== undefined && <span class="muted review-note-start">{review.note}</span>}
      </span>
      <span class="thread-facts muted">
        <span>{visibleText(record.userId)}</span>
        <span class="number">{formatTime(record.timestamp)}</span>
      </span>
    </>
  );
}

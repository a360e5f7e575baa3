import { useEffect, useRef, useState } from 'preact/hooks';
import type { ReviewItem } from '../../../review/list-review.js';
import { navigate, openId, withParams } from '../../browser/location.js';
import { pageSettings } from '../../browser/page-settings.js';
import { useKeys } from '../../browser/use-keys.js';
import { toApiError } from '../../data/api-error.js';
import { ReviewConflict, saveReview, type ReviewChange } from '../../data/review.js';
import { useResource } from '../../data/use-resource.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import { toggled } from '../../parts/review-controls.js';
import type { ViewProps } from '../view-props.js';
import { choiceOf, reviewQuery } from './choice.js';
import { Link } from '../../parts/link.js';
import { JudgedConversations } from './judged-conversations.js';
import { ReviewDetail } from './review-detail.js';
import { ReviewHead } from './review-head.js';
import { ReviewList } from './review-list.js';

/** Answers that are listed at first, and that each further step adds. The server lists at most 500. */
const STEP = 50;
/** Interval at which the list is loaded again besides: another server over the same store announces nothing here. */
const REFRESH_MS = 15_000;

/** The view “Review”: answers, or the conversations that were judged as a whole. */
export function ReviewView(props: ViewProps) {
  const { path, params } = props;
  if (params.get('show') !== 'conversations') return <AnswersView {...props} />;
  return (
    <div class="review">
      <div class="review-head">
        <nav aria-label="States">
          <Link href={`${path}?${withParams(params, { show: null }).toString()}`}>Answers</Link>
          <Link href={`${path}?${params.toString()}`} current>
            Conversations
          </Link>
        </nav>
      </div>
      <JudgedConversations {...props} />
    </div>
  );
}

/** Answers with a bad thumb or a low evaluation, to be worked through. */
function AnswersView({ feed, path, params, query }: ViewProps) {
  const [limit, setLimit] = useState(STEP);
  const choice = choiceOf(params);
  const changes = feed.changes + feed.documentChanges;
  const { value, error, retry } = useResource('review', reviewQuery(query, choice, limit), changes);
  useEffect(() => {
    const timer = setInterval(retry, REFRESH_MS);
    return () => clearInterval(timer);
  }, []);
  const open = openId(params, 'record');
  const items = value?.items ?? [];
  const note = useRef<HTMLTextAreaElement>(null);
  const next = useNext(items, open);
  const show = (id: string | undefined): void => {
    if (id !== undefined) navigate(path, withParams(params, { record: id }), open !== null);
  };
  const { review, problem, decide } = useDecisions(items, open, retry);
  useKeys({
    n: () => show(next()),
    j: () => show(next()),
    k: () => show(next(-1)),
    1: () => decide({ state: 'needs-review' }),
    2: () => decide({ state: 'needs-others' }),
    3: () => decide({ state: 'done' }),
    g: () => review && decide({ rating: toggled(review, 'good') }),
    b: () => review && decide({ rating: toggled(review, 'bad') }),
    e: () => note.current?.focus(),
  });
  if (!value) return <LoadState error={error} onRetry={retry} />;
  return (
    <div class="review">
      <ReviewHead answer={value} path={path} params={params} choice={choice} />
      {problem && (
        <p role="alert">
          {problem.text}{' '}
          {problem.id !== open && (
            <Link href={`${path}?${withParams(params, { record: problem.id }).toString()}`}>
              Show the answer
            </Link>
          )}
        </p>
      )}
      <div class="split conversations" data-open={open !== null}>
        {items.length === 0 ? (
          <EmptyList
            title="Nothing to review"
            text="Answers with a bad thumb, or with an evaluation below the threshold, are listed here."
            filteredText="Among the answers that match all of these filters, there is nothing in this state."
          />
        ) : (
          <ReviewList
            items={items}
            total={value.total}
            open={open}
            path={path}
            params={params}
            {...(limit < 500 && { onMore: () => setLimit(limit + STEP) })}
          />
        )}
        {open !== null && (
          <ReviewDetail
            key={open}
            id={open}
            params={params}
            changes={changes}
            assignees={value.assignees}
            note={note}
            onSaved={retry}
            onNext={() => show(next())}
            onClose={() => navigate(path, withParams(params, { record: null }))}
          />
        )}
      </div>
    </div>
  );
}

interface Decisions {
  /** That of the open answer, also when it has left the list. */
  readonly review: ReviewItem['review'] | undefined;
  /** Reason why the latest decision is not stored, and the answer that it was about. */
  readonly problem: { readonly id: string; readonly text: string } | undefined;
  readonly decide: (change: ReviewChange) => void;
}

/** Decides about the open answer by keys. */
function useDecisions(items: readonly ReviewItem[], open: string | null, onDone: () => void): Decisions {
  const [problem, setProblem] = useState<Decisions['problem']>();
  const latest = useRef<{ readonly listed: ReviewItem; readonly review: ReviewItem['review'] }>(undefined);
  const listed = items.find(({ record }) => record.id === open);
  if (listed && listed !== latest.current?.listed) latest.current = { listed, review: listed.review };
  const opened = latest.current?.listed.record.id === open ? latest.current : undefined;
  const decide = (change: ReviewChange): void => {
    if (!opened || pageSettings().mayNotEdit) return;
    const { id, userId } = opened.listed.record;
    // An answer that has left the list is not loaded with it again.
    const know = (fields: ReviewChange): void => {
      const now = latest.current;
      if (now?.listed.record.id === id)
        latest.current = { ...now, review: { ...now.review, ...fields } as ReviewItem['review'] };
    };
    const save = async (): Promise<void> => {
      try {
        await saveReview({ name: id, of: 'answer', userId }, change, opened.review);
        know(change);
        setProblem(undefined);
      } catch (error) {
        if (error instanceof ReviewConflict) know(error.now);
        setProblem({ id, text: `It is not stored. ${toApiError(error).message}` });
      }
      onDone();
    };
    void save();
  };
  return { review: opened?.review, problem, decide };
}

/** Returns a function that finds the next answer. An answer that has left the list, because it is done, still has its place. */
function useNext(items: readonly ReviewItem[], open: string | null): (by?: 1 | -1) => string | undefined {
  const place = useRef(-1);
  const at = items.findIndex(({ record }) => record.id === open);
  useEffect(() => {
    if (at !== -1) place.current = at;
    else if (open === null) place.current = -1;
  });
  return (by = 1) => {
    const target = at !== -1 ? at + by : by === 1 ? Math.max(0, place.current) : place.current - 1;
    return items[target]?.record.id;
  };
}

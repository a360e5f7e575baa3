import type { RefObject } from 'preact';
import { useRef } from 'preact/hooks';
import { askedText, modelOf, type StoredRecord } from '../../../model/stored-record.js';
import { drillDown } from '../../browser/location.js';
import { useReturnedFocus } from '../../browser/use-returned-focus.js';
import { formatFullTime } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { useRecord, useResource, useReview } from '../../data/use-resource.js';
import { AnswerText, RawSwitch } from '../../markdown/answer-text.js';
import { AddToDataset } from '../../parts/add-to-dataset.js';
import { FeedbackList } from '../../parts/feedback.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';
import { ReviewControls } from '../../parts/review-controls.js';

interface ReviewDetailProps {
  readonly id: string;
  readonly params: URLSearchParams;
  readonly changes: number;
  readonly assignees: readonly string[];
  readonly note: RefObject<HTMLTextAreaElement | null>;
  readonly onSaved: () => void;
  readonly onNext: () => void;
  readonly onClose: () => void;
}

/** One answer: question, answer, what people say of it, and what the reviewer decides. */
export function ReviewDetail(props: ReviewDetailProps) {
  const { id, params, changes, assignees, note, onSaved, onNext, onClose } = props;
  const { value: record, error, retry } = useRecord(id, changes);
  const { value: review, retry: reload } = useReview(id, changes);
  const box = useRef<HTMLElement>(null);
  useReturnedFocus(box);
  const isGone = error?.status === 404;
  return (
    <aside ref={box} class="detail review-detail" aria-label="Answer">
      <div class="detail-bar">
        <h2>Answer</h2>
        <span class="spacer" />
        <RawSwitch />
        <button type="button" onClick={onNext} title="Next answer (n)">
          Next
        </button>
        <button type="button" class="quiet" onClick={onClose} aria-label="Close" title="Close (Esc)">
          ×
        </button>
      </div>
      {isGone && <p class="detail-section muted">This record is gone.</p>}
      {!record && !isGone && <LoadState error={error} onRetry={retry} />}
      {record && !isGone && (
        <>
          {review && (
            <ReviewControls
              reviewed={{ name: id, of: 'answer', userId: record.userId }}
              review={review}
              assignees={assignees}
              note={note}
              onSaved={() => {
                reload();
                onSaved();
              }}
            />
          )}
          <Reading record={record} params={params} />
          <AddToDataset recordId={id} changes={changes} />
          <FeedbackSection id={id} changes={changes} />
        </>
      )}
    </aside>
  );
}

function Reading({ record, params }: { readonly record: StoredRecord; readonly params: URLSearchParams }) {
  const answer = record.kind === 'prompt' ? record.generation : textProperty(record, 'generation');
  return (
    <>
      <p class="detail-section review-facts muted">
        <Link href={drillDown('/people', params, { user: record.userId })}>{record.userId}</Link>
        {modelOf(record)}
        <time dateTime={record.timestamp}>{formatFullTime(record.timestamp)}</time>
        <Link href={drillDown('/', params, { record: record.id })}>All details</Link>
        {record.threadId !== undefined && (
          <Link href={drillDown('/conversations', params, { open: record.threadId, reading: '1' })}>
            Read the conversation
          </Link>
        )}
      </p>
      <section class="detail-section">
        <h3>Prompt</h3>
        <p class="text" dir="auto">
          {askedText(record)}
        </p>
      </section>
      {answer !== undefined && (
        <section class="detail-section">
          <h3>Answer</h3>
          <AnswerText text={answer} />
        </section>
      )}
    </>
  );
}

function FeedbackSection({ id, changes }: { readonly id: string; readonly changes: number }) {
  const query = new URLSearchParams({ about: id, limit: '1000', internal: 'show' });
  const { value } = useResource('records', query.toString(), changes);
  if (!value || value.records.length === 0) return null;
  return (
    <section class="detail-section">
      <h3>Feedback</h3>
      <FeedbackList events={value.records} />
    </section>
  );
}

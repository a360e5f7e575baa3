import { feedbackOf } from '../../../model/feedback.js';
import { isError, modelOf, type StoredRecord } from '../../../model/stored-record.js';
import {
  formatFullTime,
  formatInteger,
  formatSeconds,
  formatTime,
  textProperty,
  totalTokens,
} from '../../data/format.js';
import { FeedbackMarks } from '../../parts/feedback.js';

interface RecordRowProps {
  readonly record: StoredRecord;
  readonly feedback: readonly StoredRecord[];
  readonly index: number;
  readonly total: number;
  readonly top: number;
  readonly isMarked: boolean;
  readonly isNarrow: boolean;
  readonly onOpen: (id: string) => void;
}

export function RecordRow({ record, feedback, index, total, top, isMarked, onOpen }: RecordRowProps) {
  const isPrompt = record.kind === 'prompt';
  const error = textProperty(record, 'error_type');
  const tokens = totalTokens(record);
  return (
    <div
      id={`row-${index}`}
      role="option"
      aria-selected={isMarked}
      aria-posinset={index + 1}
      aria-setsize={total}
      class="row"
      data-error={isError(record)}
      style={{ transform: `translateY(${top}px)` }}
      onClick={() => onOpen(record.id)}
    >
      <time class="muted number" dateTime={record.timestamp} title={formatFullTime(record.timestamp)}>
        {formatTime(record.timestamp)}
      </time>
      <span class="row-user">{record.userId}</span>
      <span class="row-prompt" dir="auto">
        {isPrompt
          ? record.prompt
          : (textProperty(record, 'prompt') ?? <span class="pill">{record.event}</span>)}
      </span>
      <span class="row-answer muted" dir="auto">
        <FeedbackMarks events={feedback} />
        {isPrompt ? record.generation : <EventText record={record} error={error} />}
      </span>
      <span class="row-model muted">{modelOf(record)}</span>
      <span class="row-latency number">
        {isPrompt && record.latency !== undefined ? formatSeconds(record.latency) : ''}
      </span>
      <span class="row-tokens number muted">{tokens === undefined ? '' : formatInteger(tokens)}</span>
    </div>
  );
}

function EventText({ record, error }: { readonly record: StoredRecord; readonly error: string | undefined }) {
  if (record.kind !== 'event') return null;
  if (feedbackOf(record) !== undefined)
    return (
      <>
        <FeedbackMarks events={[record]} />
        {textProperty(record, 'comment')}
      </>
    );
  const name = textProperty(record, 'prompt') === undefined ? undefined : record.event;
  return <>{[name, error].filter(Boolean).join(': ')}</>;
}

import type { ComponentChildren } from 'preact';
import { feedbackOf } from '../../../model/feedback.js';
import { latencyOf, tokenCounts } from '../../../model/measures.js';
import { modelOf, type ListedRecord } from '../../../model/stored-record.js';
import { formatFullTime, formatInteger, formatSeconds, formatTime } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { FeedbackMarks } from '../../parts/feedback.js';

export interface RecordColumn {
  readonly name: string;
  readonly isNumber?: boolean;
  /** Reads listed properties only: the list gets no others from the server. */
  readonly cell: (record: ListedRecord, feedback: readonly ListedRecord[]) => ComponentChildren;
}

/** Columns of the list, in order. Their widths are the `grid-template-columns` of `.row` in `styles/3-list.css`. */
export const RECORD_COLUMNS: readonly RecordColumn[] = [
  { name: 'Time', cell: timeCell },
  { name: 'Person', cell: (record) => <span class="row-user">{record.userId}</span> },
  { name: 'Prompt', cell: promptCell },
  { name: 'Answer', cell: answerCell },
  { name: 'Model', cell: (record) => <span class="row-model muted">{modelOf(record)}</span> },
  { name: 'Latency', isNumber: true, cell: latencyCell },
  { name: 'Tokens', isNumber: true, cell: tokensCell },
];

function timeCell({ timestamp }: ListedRecord) {
  return (
    <time class="muted number" dateTime={timestamp} title={formatFullTime(timestamp)}>
      {formatTime(timestamp)}
    </time>
  );
}

function promptCell(record: ListedRecord) {
  return (
    <span class="row-prompt" dir="auto">
      {record.kind === 'prompt'
        ? record.prompt
        : (textProperty(record, 'prompt') ?? <span class="pill">{record.event}</span>)}
    </span>
  );
}

function answerCell(record: ListedRecord, feedback: readonly ListedRecord[]) {
  return (
    <span class="row-answer muted" dir="auto">
      <FeedbackMarks events={feedback} />
      {record.kind === 'prompt' ? record.generation : eventText(record)}
    </span>
  );
}

/** Returns the comment of a feedback event, or the type of an error. The name of an event without a prompt is in the prompt column. */
function eventText(event: ListedRecord & { readonly kind: 'event' }) {
  if (feedbackOf(event) !== undefined)
    return (
      <>
        <FeedbackMarks events={[event]} />
        {textProperty(event, 'comment')}
      </>
    );
  const name = textProperty(event, 'prompt') === undefined ? undefined : event.event;
  return [name, textProperty(event, 'error_type')].filter(Boolean).join(': ');
}

function latencyCell(record: ListedRecord) {
  const latency = latencyOf(record);
  return <span class="row-latency number">{latency === undefined ? '' : formatSeconds(latency)}</span>;
}

function tokensCell(record: ListedRecord) {
  const tokens = tokenCounts(record).total;
  return <span class="row-tokens number muted">{tokens === undefined ? '' : formatInteger(tokens)}</span>;
}

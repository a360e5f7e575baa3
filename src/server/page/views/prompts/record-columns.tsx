import type { ComponentChildren } from 'preact';
import { evaluationOf, isFeedback } from '../../../model/feedback.js';
import { latencyOf, toLatency, tokenCounts } from '../../../model/measures.js';
import { isTextErased } from '../../../model/privacy/without-texts.js';
import {
  isFailure,
  modelOf,
  turnOf,
  type ListedRecord,
  type StoredRecord,
} from '../../../model/stored-record.js';
import { useRawTexts } from '../../browser/raw-texts.js';
import { formatCount, formatFullTime, formatInteger, formatSeconds, formatTime } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { plainPreview } from '../../markdown/plain-preview.js';
import { TextErased } from '../../parts/text-erased.js';
import { evaluationText, FeedbackMark, FeedbackMarks } from '../../parts/feedback.js';
import { visibleText } from '../../data/visible-text.js';

/** Inputs of a cell besides the record. */
export interface RowContext {
  readonly feedback: readonly StoredRecord[];
  /** Number of calls that belong to the record; they follow as rows if `isUnfolded`. */
  readonly calls: number;
  readonly isUnfolded: boolean;
  /** True if the record is a call below its turn. */
  readonly isCall: boolean;
  readonly onFold: () => void;
}

export interface RecordColumn {
  readonly name: string;
  readonly isNumber?: boolean;
  /** Reads listed properties only: the list gets no others from the server. */
  readonly cell: (record: ListedRecord, row: RowContext) => ComponentChildren;
}

/** Columns of the list, in order. Their widths are the `grid-template-columns` of `.row` in `styles/3-list.css`. */
export const RECORD_COLUMNS: readonly RecordColumn[] = [
  { name: 'Time', cell: timeCell },
  { name: 'Person', cell: (record) => <span class="row-user">{visibleText(record.userId)}</span> },
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

function promptCell(record: ListedRecord, row: RowContext) {
  return (
    <span class="row-prompt" dir="auto">
      {row.calls > 0 && <Fold {...row} />}
      {isTextErased(record) && <TextErased />}
      {record.kind === 'prompt'
        ? record.prompt
        : ((row.isCall ? undefined : textProperty(record, 'prompt')) ?? (
            <span class="pill">{record.event}</span>
          ))}
    </span>
  );
}

/** Not a button, because options of a list may not hold controls: the arrow keys do the same. */
function Fold({ calls, isUnfolded, onFold }: RowContext) {
  return (
    <span
      class="fold"
      title={isUnfolded ? 'Hide the calls (←)' : 'Show the calls (→)'}
      onClick={(event) => {
        event.stopPropagation();
        onFold();
      }}
    >
      <span aria-hidden="true">{isUnfolded ? '▾' : '▸'}</span> {formatCount(calls, 'call')}
      <span class="visually-hidden">{isUnfolded ? ' below' : ' folded'}</span>
    </span>
  );
}

function answerCell(record: ListedRecord, { feedback }: RowContext) {
  return (
    <span class="row-answer muted" dir="auto">
      <FeedbackMarks events={feedback} />
      {record.kind === 'prompt' ? <Answer text={record.generation} /> : eventText(record)}
    </span>
  );
}

/** An answer as one line: without the markup of Markdown, unless the reader wants raw texts. */
function Answer({ text }: { readonly text: string }) {
  const [isRaw] = useRawTexts();
  return <>{isRaw ? text : plainPreview(text)}</>;
}

/** Returns the comment of a feedback event, or the type of an error. The name of an event without a prompt is in the prompt column. */
function eventText(event: ListedRecord & { readonly kind: 'event' }) {
  const evaluation = evaluationOf(event);
  if (isFeedback(event))
    return (
      <>
        <FeedbackMark event={event} />
        {evaluation
          ? [evaluationText(evaluation), evaluation.explanation].filter(Boolean).join(': ')
          : textProperty(event, 'comment')}
      </>
    );
  const name = textProperty(event, 'prompt') === undefined ? undefined : event.event;
  const error = [name, textProperty(event, 'error_type')].filter(Boolean).join(': ');
  return turnOf(event) === undefined || isFailure(event)
    ? error
    : (textProperty(event, 'generation') ?? error);
}

function latencyCell(record: ListedRecord) {
  const latency = latencyOf(record) ?? toLatency(record.properties.latency);
  return <span class="row-latency number">{latency === undefined ? '' : formatSeconds(latency)}</span>;
}

function tokensCell(record: ListedRecord) {
  const tokens = tokenCounts(record).total;
  return <span class="row-tokens number muted">{tokens === undefined ? '' : formatInteger(tokens)}</span>;
}

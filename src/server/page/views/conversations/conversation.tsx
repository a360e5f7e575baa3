import { isTextErased } from '../../../model/privacy/without-texts.js';
import { TextErased } from '../../parts/text-erased.js';
import { useLayoutEffect, useRef } from 'preact/hooks';
import { FeedbackIndex, feedbackTarget } from '../../../model/feedback.js';
import { latencyOf } from '../../../model/measures.js';
import {
  isError,
  isRequest,
  turnOf,
  type StoredEvent,
  type StoredPrompt,
  type StoredRecord,
} from '../../../model/stored-record.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { useReturnedFocus } from '../../browser/use-returned-focus.js';
import { drillDownFromHere } from '../../browser/location.js';
import { formatCount, formatFullTime, formatInteger, formatSeconds, formatTime } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import type { RecordFeed } from '../../data/record-feed.js';
import { useThread } from '../../data/use-thread.js';
import { AnswerText, RawSwitch } from '../../markdown/answer-text.js';
import { FeedbackList } from '../../parts/feedback.js';
import { Link } from '../../parts/link.js';
import { ReviewControls } from '../../parts/review-controls.js';
import { useResource, useReview } from '../../data/use-resource.js';
import { formatCosts } from '../../data/cost-text.js';
import { LoadState } from '../../parts/load-state.js';
import { visibleText } from '../../data/visible-text.js';

interface ConversationProps {
  readonly threadId: string;
  readonly feed: RecordFeed;
  /** It is alone on the screen. */
  readonly isReading: boolean;
  readonly readHref: string;
  readonly closeHref: string;
}

/** One thread as a chat, in order of time. */
export function Conversation({ threadId, feed, isReading, readHref, closeHref }: ConversationProps) {
  const { thread, error, isLoadingEarlier, loadEarlier, retry } = useThread(threadId, feed);
  const box = useRef<HTMLElement>(null);
  // Alone on the screen, it is the heading of the page.
  const Title = isReading ? 'h1' : 'h2';
  useReturnedFocus(box);
  // From the list, which may have hundreds of further stops of the Tab key before this.
  useLayoutEffect(() => {
    if (document.activeElement?.closest('.thread-list')) box.current?.focus();
  }, []);
  const records = [...(thread?.records ?? [])].sort(byTime);
  const feedback = new FeedbackIndex();
  feedback.add(thread?.feedback ?? []);
  const ids = new Set(records.map(({ id }) => id));
  // Feedback on a record and the calls of a turn are part of that record's entry.
  const shown = records.filter(
    (record) => !ids.has(feedbackTarget(record) ?? '') && !ids.has(turnOf(record) ?? ''),
  );
  const [list, withFocus] = useNewRowFocus<HTMLOListElement>('first');
  return (
    <section ref={box} class="detail conversation" aria-label="Conversation" tabIndex={-1}>
      <div class="detail-bar">
        <Title title={threadId}>{visibleText(threadId)}</Title>
        <ThreadSums threadId={threadId} feed={feed} />
        <span class="spacer" />
        <RawSwitch />
        <Link class="quiet" href={drillDownFromHere('/', { thread: threadId })}>
          As records
        </Link>
        {!isReading && (
          <Link class="quiet" href={readHref}>
            Read
          </Link>
        )}
        <Link class="quiet" href={closeHref} title={isReading ? 'Leave the reading mode (Esc)' : 'Close'}>
          <span aria-hidden="true">×</span>
          <span class="visually-hidden">{isReading ? 'Leave the reading mode' : 'Close'}</span>
        </Link>
      </div>
      {(!thread || error) && <LoadState error={error} onRetry={retry} />}
      {thread?.total === 0 && <p class="message muted">This conversation has no records.</p>}
      {thread?.hasEarlier && (
        <p class="earlier">
          <button type="button" onClick={withFocus(loadEarlier)} disabled={isLoadingEarlier}>
            {isLoadingEarlier ? 'Loading …' : 'Show earlier'}
          </button>
          <span class="muted number" role="status">
            The latest {formatInteger(records.length)} of {formatCount(thread.total, 'record')}
          </span>
        </p>
      )}
      <ol class="chat" ref={list}>
        {shown.map((record, index) => (
          <ChatRecord
            key={record.id}
            record={record}
            previous={shown[index - 1]}
            feedback={feedback.forRecord(record.id)}
          />
        ))}
      </ol>
      <ConversationReview threadId={threadId} records={records} feed={feed} />
    </section>
  );
}

/** Number of prompts and cost of a conversation, whether its records are loaded or not. */
function ThreadSums({ threadId, feed }: Pick<ConversationProps, 'threadId' | 'feed'>) {
  const query = new URLSearchParams({ thread: threadId, limit: '1', internal: 'show' }).toString();
  const { value } = useResource('threads', query, feed.changes);
  const [thread] = value?.threads ?? [];
  if (!thread) return null;
  return (
    <span class="thread-sums muted number" title="Cost of the recorded calls">
      {formatCount(thread.prompts, 'prompt')} · {formatCosts(thread)}
    </span>
  );
}

interface ConversationReviewProps {
  readonly threadId: string;
  readonly records: readonly StoredRecord[];
  readonly feed: RecordFeed;
}

/** Review of the whole conversation. */
function ConversationReview({ threadId, records, feed }: ConversationReviewProps) {
  const { value: review, retry } = useReview(threadId, feed.documentChanges);
  const people = [...new Set(records.filter(isRequest).map(({ userId }) => userId))];
  if (!review || records.length === 0) return null;
  const userId = people.length === 1 ? people[0] : undefined;
  return (
    <ReviewControls
      reviewed={{ name: threadId, of: 'conversation', userId }}
      review={review}
      onSaved={retry}
    />
  );
}

/** Compares two records by time. Records of one time stay in the order in which they arrived. */
function byTime(a: StoredRecord, b: StoredRecord): number {
  return a.timestamp.localeCompare(b.timestamp) || a.seq - b.seq;
}

interface ChatRecordProps {
  readonly record: StoredRecord;
  readonly previous: StoredRecord | undefined;
  readonly feedback: readonly StoredRecord[];
}

function ChatRecord({ record, previous, feedback }: ChatRecordProps) {
  if (record.kind === 'event') return <ChatEvent record={record} />;
  // An agent calls its model several times with one question, which is shown once.
  const isSameQuestion =
    previous?.kind === 'prompt' && previous.prompt === record.prompt && isToolCall(previous);
  return (
    <>
      {!isSameQuestion && (
        <li class="bubble from-user">
          <span class="bubble-name">
            <span class="bubble-person" title={record.userId}>
              {visibleText(record.userId)}
            </span>
          </span>
          <p class="text" dir="auto">
            {isTextErased(record) ? <TextErased /> : record.prompt}
          </p>
        </li>
      )}
      <li class="bubble from-model">
        <span class="bubble-name">
          <span class="bubble-person">{record.assistantId ?? 'answer'}</span>
          <span class="number">
            <RecordLink record={record} />
            {latencyOf(record) !== undefined && ` · ${formatSeconds(latencyOf(record))}`}
          </span>
        </span>
        <Answer record={record} />
        <FeedbackList events={feedback} />
      </li>
    </>
  );
}

function Answer({ record }: { readonly record: StoredPrompt }) {
  if (isTextErased(record)) return <TextErased />;
  return isToolCall(record) ? <ToolCalls record={record} /> : <AnswerText text={record.generation} />;
}

/** A failed call with its prompt, or an event of the application. */
function ChatEvent({ record }: { readonly record: StoredEvent }) {
  const prompt = textProperty(record, 'prompt');
  return (
    <>
      {isError(record) && prompt !== undefined && (
        <li class="bubble from-user">
          <span class="bubble-name">
            <span class="bubble-person" title={record.userId}>
              {visibleText(record.userId)}
            </span>
          </span>
          <p class="text" dir="auto">
            {prompt}
          </p>
        </li>
      )}
      <li class="chat-event" data-error={isError(record)}>
        {record.event} {textProperty(record, 'error_type')}{' '}
        <span class="number">
          <RecordLink record={record} />
        </span>
      </li>
    </>
  );
}

/** The time of a record, as a link to all of its details. */
function RecordLink({ record: { id, timestamp } }: { readonly record: StoredRecord }) {
  return (
    <Link href={drillDownFromHere('/', { record: id })} title={formatFullTime(timestamp)}>
      {formatTime(timestamp)}
      <span class="visually-hidden">, open the record</span>
    </Link>
  );
}

function ToolCalls({ record }: { readonly record: StoredPrompt }) {
  const calls = record.properties['tool_calls'];
  const names = Array.isArray(calls) ? calls.join(', ') : typeof calls === 'string' ? calls : 'tools';
  return (
    <details class="tool-calls">
      <summary>Calls {names}</summary>
      <pre tabIndex={0}>{record.generation}</pre>
    </details>
  );
}

/** Returns true when the answer consists of tool calls alone, written as `name({"arg":1})`, one per line. */
function isToolCall(record: StoredPrompt): boolean {
  const calls = record.properties['tool_calls'];
  if (calls === undefined || calls === null || calls === '') return false;
  return record.generation.split('\n').every((line) => line === '' || /^[\w.-]+\(.*\)$/.test(line));
}

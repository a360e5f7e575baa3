import { feedbackTarget } from '../../../model/feedback.js';
import {
  isError,
  turnOf,
  type StoredEvent,
  type StoredPrompt,
  type StoredRecord,
} from '../../../model/stored-record.js';
import { FeedbackIndex } from '../../data/feedback-index.js';
import { formatFullTime, formatSeconds, formatTime } from '../../data/format.js';
import { textProperty } from '../../data/record-fields.js';
import { useResource } from '../../data/use-resource.js';
import { FeedbackList } from '../../parts/feedback.js';
import { Link } from '../../parts/link.js';

interface ConversationProps {
  readonly threadId: string;
  readonly changes: number;
  readonly closeHref: string;
}

const MAX_SHOWN = 500;

/** One thread as a chat, in order of time. */
export function Conversation({ threadId, changes, closeHref }: ConversationProps) {
  const query = new URLSearchParams({ thread: threadId, limit: String(MAX_SHOWN) });
  const response = useResource('records', query.toString(), changes);
  const records = [...(response?.records ?? [])].sort(byTime);
  const feedback = new FeedbackIndex();
  feedback.add(response?.feedback ?? []);
  const ids = new Set(records.map(({ id }) => id));
  // Feedback on a record and the calls of a turn are part of that record's entry.
  const shown = records.filter(
    (record) => !ids.has(feedbackTarget(record) ?? '') && !ids.has(turnOf(record) ?? ''),
  );
  return (
    <section class="detail conversation" aria-label="Conversation">
      <div class="detail-bar">
        <h2>{threadId}</h2>
        <span class="spacer" />
        <Link class="quiet" href={`/?${new URLSearchParams({ thread: threadId }).toString()}`}>
          As records
        </Link>
        <Link class="quiet" href={closeHref} title="Close">
          <span aria-hidden="true">×</span>
          <span class="visually-hidden">Close</span>
        </Link>
      </div>
      <ol class="chat">
        {shown.map((record, index) => (
          <ChatRecord
            key={record.id}
            record={record}
            previous={shown[index - 1]}
            feedback={feedback.forRecord(record.id)}
          />
        ))}
      </ol>
    </section>
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
          <span class="bubble-name">{record.userId}</span>
          <p class="text" dir="auto">
            {record.prompt}
          </p>
        </li>
      )}
      <li class="bubble from-model">
        <span class="bubble-name">
          {record.assistantId ?? 'answer'}
          <span class="number" title={formatFullTime(record.timestamp)}>
            {formatTime(record.timestamp)}
            {record.latency !== undefined && ` · ${formatSeconds(record.latency)}`}
          </span>
        </span>
        {isToolCall(record) ? <ToolCalls record={record} /> : <Answer text={record.generation} />}
        <FeedbackList events={feedback} />
      </li>
    </>
  );
}

/** A failed call with its prompt, or an event of the application. */
function ChatEvent({ record }: { readonly record: StoredEvent }) {
  const prompt = textProperty(record, 'prompt');
  return (
    <>
      {isError(record) && prompt !== undefined && (
        <li class="bubble from-user">
          <span class="bubble-name">{record.userId}</span>
          <p class="text" dir="auto">
            {prompt}
          </p>
        </li>
      )}
      <li class="chat-event" data-error={isError(record)}>
        {record.event} {textProperty(record, 'error_type')}{' '}
        <span class="muted number">{formatTime(record.timestamp)}</span>
      </li>
    </>
  );
}

function Answer({ text }: { readonly text: string }) {
  return (
    <p class="text" dir="auto">
      {text}
    </p>
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

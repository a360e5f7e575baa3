import { useRef, useState } from 'preact/hooks';
import { isFailure, isRequest, modelOf, turnOf, type StoredRecord } from '../../../model/stored-record.js';
import { feedbackTarget } from '../../../model/feedback.js';
import { latencyOf, tokenCounts } from '../../../model/measures.js';
import { isTextErased } from '../../../model/privacy/without-texts.js';
import { traceUrl } from '../../../model/trace-url.js';
import { toApiError } from '../../data/api-error.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { useReturnedFocus } from '../../browser/use-returned-focus.js';
import { pageSettings } from '../../browser/page-settings.js';
import { deleteRecord } from '../../data/api.js';
import { formatFullTime, formatInteger, formatSeconds } from '../../data/format.js';
import { drillDown, drillDownFromHere } from '../../browser/location.js';
import { textProperty } from '../../data/record-fields.js';
import { useRecord, useResource } from '../../data/use-resource.js';
import { AnswerText, RawSwitch } from '../../markdown/answer-text.js';
import { AddToDataset } from '../../parts/add-to-dataset.js';
import { CopyButton } from '../../parts/copy-button.js';
import { FeedbackItems, FeedbackList } from '../../parts/feedback.js';
import { Link } from '../../parts/link.js';
import { TextErased } from '../../parts/text-erased.js';
import { LoadState } from '../../parts/load-state.js';
import { MAX_ROWS, MoreRows } from '../../parts/more-rows.js';
import { recordCost } from './record-cost.js';
import { MessageHistory } from './message-history.js';
import { RecordProperties } from './record-properties.js';
import { TurnCalls } from './turn-calls.js';

interface RecordDetailProps {
  readonly id: string;
  /** State of the page: a link to further records keeps its filters. */
  readonly params: URLSearchParams;
  /** Changes when records have arrived, which may be feedback on this record. */
  readonly changes: number;
  readonly onClose: () => void;
}

/** Feedback events that are shown at first. */
const FEEDBACK_SHOWN = 100;

/** One record with all its fields, feedback, properties and JSON. It follows the record: that may be delivered again, or deleted. */
export function RecordDetail({ id, params, changes, onClose }: RecordDetailProps) {
  const { value, error, retry } = useRecord(id, changes);
  const [problem, setProblem] = useState<string>();
  const box = useRef<HTMLElement>(null);
  useReturnedFocus(box);
  const isGone = error?.status === 404;
  const record = isGone ? undefined : value;
  const remove = (): void => {
    deleteRecord(id).then(onClose, (reason: unknown) =>
      setProblem(`It could not be deleted. ${toApiError(reason).message}`),
    );
  };
  return (
    <aside ref={box} class="detail" aria-label="Record">
      <div class="detail-bar">
        <h2>{record?.kind === 'event' ? record.event : 'Prompt'}</h2>
        {record && isFailure(record) && <span class="pill error">Error</span>}
        <span class="spacer" />
        <button type="button" class="quiet" onClick={onClose} aria-label="Close" title="Close (Esc)">
          ×
        </button>
      </div>
      {problem && (
        <p class="detail-section muted" role="alert">
          {problem}
        </p>
      )}
      {isGone && <p class="detail-section muted">This record is gone.</p>}
      {!record && !isGone && <LoadState error={error} onRetry={retry} />}
      {record && <Facts record={record} params={params} />}
      {record && <Texts record={record} />}
      {record && <MessageHistory record={record} />}
      {record && <TurnCalls record={record} changes={changes} />}
      {record && <FeedbackSection id={id} changes={changes} />}
      {record && isRequest(record) && <AddToDataset key={id} recordId={id} changes={changes} />}
      {record && <RecordProperties record={record} />}
      {record && <RawJson record={record} />}
      {record && !pageSettings().isReadOnly && <DeleteButton record={record} onDelete={remove} />}
    </aside>
  );
}

function FeedbackSection({ id, changes }: Pick<RecordDetailProps, 'id' | 'changes'>) {
  const [limit, setLimit] = useState(FEEDBACK_SHOWN);
  const query = new URLSearchParams({ about: id, limit: String(limit) });
  const { value } = useResource('records', query.toString(), changes);
  const [box, withFocus] = useNewRowFocus<HTMLElement>('first', '.feedback > li');
  if (!value || value.records.length === 0) return null;
  return (
    <section class="detail-section" ref={box}>
      <h3>Feedback</h3>
      <FeedbackList events={value.records} />
      <MoreRows
        shown={value.records.length}
        total={value.total}
        onMore={withFocus(() => setLimit(MAX_ROWS))}
      />
    </section>
  );
}

/** Returns the address of a record's trace in the tool that the server was told of. */
function traceOf(record: StoredRecord): string | undefined {
  const template = pageSettings().traceUrl;
  const traceId = textProperty(record, 'trace_id');
  if (template === undefined || traceId === undefined) return undefined;
  return traceUrl(template, { traceId, spanId: textProperty(record, 'span_id') });
}

interface FactsProps {
  readonly record: StoredRecord;
  readonly params: URLSearchParams;
}

function Facts({ record, params }: FactsProps) {
  const linkTo = (filters: Readonly<Record<string, string>>): string => drillDown('/', params, filters);
  const model = modelOf(record);
  const trace = traceOf(record);
  const { input, output, total: tokens } = tokenCounts(record);
  const cost = recordCost(record);
  return (
    <dl class="facts">
      <Fact name="Person">
        <Link href={linkTo({ user: record.userId })}>{record.userId}</Link>
      </Fact>
      {record.threadId !== undefined && (
        <Fact name="Conversation">
          <Link href={drillDown('/conversations', params, { open: record.threadId })}>{record.threadId}</Link>
        </Fact>
      )}
      <Fact name="Time">
        <time dateTime={record.timestamp}>{formatFullTime(record.timestamp)}</time>
      </Fact>
      {model !== undefined && (
        <Fact name="Model">
          <Link href={linkTo({ model })}>{model}</Link>
        </Fact>
      )}
      {latencyOf(record) !== undefined && <Fact name="Latency">{formatSeconds(latencyOf(record))}</Fact>}
      {tokens !== undefined && (
        <Fact name="Tokens">
          {formatInteger(tokens)}
          {input !== undefined && output !== undefined && (
            <span class="muted">
              {' '}
              {formatInteger(input)} in, {formatInteger(output)} out
            </span>
          )}
        </Fact>
      )}
      {cost && (
        <Fact name="Cost">
          {cost.text} <span class="muted">{cost.origin}</span>
        </Fact>
      )}
      {turnOf(record) !== undefined && (
        <Fact name="Part of">
          <Link href={linkTo({ record: turnOf(record) ?? '' })}>a turn of several calls</Link>
        </Fact>
      )}
      {trace !== undefined && (
        <Fact name="Trace">
          <a href={trace} target="_blank" rel="noopener noreferrer">
            Open in {new URL(trace).host}
          </a>
        </Fact>
      )}
      {record.tags.length > 0 && (
        <Fact name="Tags">
          {record.tags.map((tag) => (
            <Link key={tag} class="pill" href={linkTo({ tag })}>
              {tag}
            </Link>
          ))}
        </Fact>
      )}
    </dl>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: preact.ComponentChildren }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

/** Prompt and answer. An event of a failed call has its prompt in a property. */
function Texts({ record }: { readonly record: StoredRecord }) {
  const prompt = record.kind === 'prompt' ? record.prompt : textProperty(record, 'prompt');
  const answer = record.kind === 'prompt' ? record.generation : textProperty(record, 'generation');
  const target = feedbackTarget(record);
  return (
    <>
      {target !== undefined && (
        <section class="detail-section">
          <FeedbackItems events={[record]} />
          <Link href={drillDownFromHere('/', { record: target })}>The answer that it is about</Link>
        </section>
      )}
      {isTextErased(record) && (
        <p class="detail-section">
          <TextErased />: it was older than texts are kept. Its numbers stay.
        </p>
      )}
      {prompt !== undefined && !isTextErased(record) && <TextSection title="Prompt" text={prompt} />}
      {answer !== undefined && !isTextErased(record) && <AnswerSection text={answer} />}
    </>
  );
}

function TextSection({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section class="detail-section">
      <div class="detail-bar">
        <h3>{title}</h3>
        <span class="spacer" />
        <CopyButton text={text} label={title.toLowerCase()} />
      </div>
      <p class="text" dir="auto">
        {text === '' ? <span class="muted">empty</span> : text}
      </p>
    </section>
  );
}

function AnswerSection({ text }: { readonly text: string }) {
  return (
    <section class="detail-section">
      <div class="detail-bar">
        <h3>Answer</h3>
        <span class="spacer" />
        <RawSwitch />
        <CopyButton text={text} label="answer" />
      </div>
      <AnswerText text={text} />
    </section>
  );
}

interface DeleteButtonProps {
  readonly record: StoredRecord;
  readonly onDelete: () => void;
}

/** Asks for confirmation in place, without a dialog. */
function DeleteButton({ record, onDelete }: DeleteButtonProps) {
  const [isConfirming, setConfirming] = useState(false);
  return (
    <div class="detail-end">
      {isConfirming ? (
        <>
          <button type="button" class="danger" onClick={onDelete}>
            Delete for good
          </button>
          <button type="button" class="quiet" onClick={() => setConfirming(false)}>
            Keep it
          </button>
          {record.kind === 'prompt' && <span class="muted">Its calls and feedback go along.</span>}
        </>
      ) : (
        <button type="button" class="quiet" onClick={() => setConfirming(true)}>
          Delete record
        </button>
      )}
    </div>
  );
}

function RawJson({ record }: { readonly record: StoredRecord }) {
  const json = JSON.stringify(record, null, 2);
  return (
    <details class="detail-section">
      <summary>Raw JSON</summary>
      <div class="raw">
        <CopyButton text={json} label="JSON" />
        <pre tabIndex={0}>{json}</pre>
      </div>
    </details>
  );
}

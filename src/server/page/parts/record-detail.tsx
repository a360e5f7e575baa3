import { useEffect, useState } from 'preact/hooks';
import type { PropertyValue } from '../../../records/prompt-record.js';
import { isError, modelOf, type StoredRecord } from '../../stored-record.js';
import { getRecord } from '../data/api.js';
import {
  formatFullTime,
  formatInteger,
  formatSeconds,
  numberProperty,
  textProperty,
  totalTokens,
} from '../data/format.js';
import { CopyButton } from './copy-button.js';
import { Link } from './link.js';

interface RecordDetailProps {
  readonly id: string;
  readonly params: URLSearchParams;
  readonly onClose: () => void;
}

export function RecordDetail({ id, onClose }: RecordDetailProps) {
  const [record, setRecord] = useState<StoredRecord>();
  const [problem, setProblem] = useState<string>();
  useEffect(() => {
    const abort = new AbortController();
    getRecord(id, abort.signal).then(setRecord, (error: unknown) => {
      if (!abort.signal.aborted)
        setProblem(
          error instanceof Error && error.message !== 'Not Found' ? error.message : 'This record is gone.',
        );
    });
    return () => abort.abort();
  }, [id]);
  return (
    <aside class="detail" aria-label="Record">
      <div class="detail-bar">
        <h2>{record?.kind === 'event' ? record.event : 'Prompt'}</h2>
        {record && isError(record) && <span class="pill error">Error</span>}
        <span class="spacer" />
        <button type="button" class="quiet" onClick={onClose} aria-label="Close" title="Close (Esc)">
          ×
        </button>
      </div>
      {problem && <p class="detail-section muted">{problem}</p>}
      {record && <Facts record={record} />}
      {record && <Texts record={record} />}
      {record && <Properties record={record} />}
      {record && <RawJson record={record} />}
    </aside>
  );
}

function Facts({ record }: { readonly record: StoredRecord }) {
  const [tokens, model] = [totalTokens(record), modelOf(record)];
  const [input, output] = [numberProperty(record, 'input_tokens'), numberProperty(record, 'output_tokens')];
  return (
    <dl class="facts">
      <Fact name="Person">
        <Link href={`/?user=${encodeURIComponent(record.userId)}`}>{record.userId}</Link>
      </Fact>
      {record.threadId !== undefined && (
        <Fact name="Conversation">
          <Link href={`/conversations?open=${encodeURIComponent(record.threadId)}`}>{record.threadId}</Link>
        </Fact>
      )}
      <Fact name="Time">
        <time dateTime={record.timestamp}>{formatFullTime(record.timestamp)}</time>
      </Fact>
      {model !== undefined && (
        <Fact name="Model">
          <Link href={`/?model=${encodeURIComponent(model)}`}>{model}</Link>
        </Fact>
      )}
      {record.kind === 'prompt' && record.latency !== undefined && (
        <Fact name="Latency">{formatSeconds(record.latency)}</Fact>
      )}
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
      {record.tags.length > 0 && (
        <Fact name="Tags">
          {record.tags.map((tag) => (
            <Link key={tag} class="pill" href={`/?tag=${encodeURIComponent(tag)}`}>
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

/** An event of a failed call has its prompt in a property. */
function Texts({ record }: { readonly record: StoredRecord }) {
  const prompt = record.kind === 'prompt' ? record.prompt : textProperty(record, 'prompt');
  const answer = record.kind === 'prompt' ? record.generation : textProperty(record, 'generation');
  return (
    <>
      {prompt !== undefined && <TextSection title="Prompt" text={prompt} />}
      {answer !== undefined && <TextSection title="Answer" text={answer} />}
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

function Properties({ record }: { readonly record: StoredRecord }) {
  const properties = Object.entries(record.properties).filter(
    ([name]) => !name.startsWith('$') && name !== 'tags' && name !== 'prompt' && name !== 'generation',
  );
  if (properties.length === 0) return null;
  return (
    <section class="detail-section">
      <h3>Properties</h3>
      <dl class="properties">
        {properties.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd>
              <PropertyText name={name} value={value} />
            </dd>
          </div>
        ))}
      </dl>
    </section>
  );
}

const LONGEST_FILTER = 120;

/** Short values lead to the records that share them. */
function PropertyText({ name, value }: { readonly name: string; readonly value: PropertyValue }) {
  if (typeof value === 'object' && value !== null) return <code>{JSON.stringify(value)}</code>;
  const text = String(value);
  if (text === '' || text.length > LONGEST_FILTER) return <>{text}</>;
  return (
    <Link
      href={`/?${new URLSearchParams([[`prop.${name}`, text]]).toString()}`}
      title="Show records with this value"
    >
      {text}
    </Link>
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

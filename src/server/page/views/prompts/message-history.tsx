import type { PropertyValue } from '../../../../records/model/prompt-record.js';
import type { StoredRecord } from '../../../model/stored-record.js';
import { formatCount } from '../../data/format.js';
import { RemoteImage } from '../../markdown/remote-image.js';

type Fields = Readonly<Record<string, PropertyValue>>;

/** The input messages of a call, with tool calls and tool results, folded. Nothing if they were not sent (`messages: 'all'`). */
export function MessageHistory({ record }: { readonly record: StoredRecord }) {
  const messages = fieldsIn(record.properties['messages']);
  if (messages.length === 0) return null;
  const count = messages.filter((message) => message['omitted'] === undefined).length;
  return (
    <details class="detail-section history">
      <summary>Message history · {formatCount(count, 'message')}</summary>
      <ol>
        {messages.map((message, index) => (
          // oxlint-disable-next-line react/no-array-index-key
          <li key={index}>
            <HistoryMessage message={message} />
          </li>
        ))}
      </ol>
    </details>
  );
}

function HistoryMessage({ message }: { readonly message: Fields }) {
  const { omitted, role, name, content } = message;
  if (typeof omitted === 'number')
    return <p class="muted">{formatCount(omitted, 'earlier message')} left out</p>;
  return (
    <>
      <h3>{[role, name].map(textOf).filter(Boolean).join(' · ')}</h3>
      {textOf(content) !== '' && (
        <p class="text" dir="auto">
          {textOf(content)}
        </p>
      )}
      {fieldsIn(message['tool_calls']).map((call, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Folded key={index} title={`Calls ${textOf(call['name'])}`} text={textOf(call['arguments'])} />
      ))}
      {fieldsIn(message['tool_results']).map((result, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Folded key={index} title="Tool result" text={textOf(result['content'])} />
      ))}
      {fieldsIn(message['media']).map((media, index) => (
        // oxlint-disable-next-line react/no-array-index-key
        <Media key={index} modality={textOf(media['modality'])} uri={textOf(media['uri'])} />
      ))}
    </>
  );
}

function Folded({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <details>
      <summary>{title}</summary>
      <pre tabIndex={0}>{text === '' ? 'empty' : text}</pre>
    </details>
  );
}

/** Requested on a click alone, because the other host would see who reads what. */
function Media({ modality, uri }: { readonly modality: string; readonly uri: string }) {
  const url = URL.canParse(uri) ? new URL(uri) : undefined;
  if (!url || !/^https?:$/.test(url.protocol))
    return <p class="muted">{[modality, uri].filter(Boolean).join(': ')}</p>;
  if (modality === 'image')
    return (
      <p>
        <RemoteImage url={url.href} alt="" />
      </p>
    );
  return (
    <p>
      <a href={url.href} target="_blank" rel="noopener noreferrer" referrerpolicy="no-referrer">
        {modality}: open it at {url.host}
      </a>
    </p>
  );
}

/** Returns the objects of a list. Properties can be anything: another program may have sent them. */
function fieldsIn(value: PropertyValue | undefined): readonly Fields[] {
  return Array.isArray(value)
    ? value.filter(
        (item): item is Fields => typeof item === 'object' && item !== null && !Array.isArray(item),
      )
    : [];
}

function textOf(value: PropertyValue | undefined): string {
  if (value === undefined || value === null) return '';
  return typeof value === 'string' ? value : JSON.stringify(value);
}

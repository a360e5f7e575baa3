import { useState } from 'preact/hooks';
import type { ThreadOrder, ThreadSummary } from '../../../model/lists.js';
import { formatCount, formatInteger, formatTime } from '../../data/format.js';
import { navigate, openId, withParams } from '../../browser/location.js';
import { useNewRowFocus } from '../../browser/use-new-row-focus.js';
import { useResource } from '../../data/use-resource.js';
import { Link } from '../../parts/link.js';
import { EmptyList } from '../../parts/empty-list.js';
import { LoadState } from '../../parts/load-state.js';
import type { ViewProps } from '../view-props.js';
import { Conversation } from './conversation.js';
import { threadFact } from './thread-fact.js';
import { visibleText } from '../../data/visible-text.js';

/** Conversations that are listed at first, and that each further step adds. */
const STEP = 200;

const ORDERS: Readonly<Record<ThreadOrder, string>> = {
  latest: 'Latest active',
  earliest: 'First begun',
  prompts: 'Most prompts',
  tokens: 'Most tokens',
  cost: 'Highest cost',
  errors: 'Most errors',
};

/** List of conversations, and the open one as a chat. */
export function ConversationsView({ feed, path, params, query }: ViewProps) {
  const [limit, setLimit] = useState(STEP);
  const order = toOrder(params.get('order'));
  const open = openId(params, 'open');
  const resource = useResource('threads', `${query}&limit=${limit}&order=${order}`, feed.changes);
  const { value: response, error, retry } = resource;
  const [list, withFocus] = useNewRowFocus<HTMLUListElement>();
  const hrefOf = (changes: Readonly<Record<string, string | null>>): string =>
    `${path}?${withParams(params, changes).toString()}`;
  const isReading = params.has('reading');
  const conversation = open !== null && (
    <Conversation
      key={open}
      threadId={open}
      feed={feed}
      isReading={isReading}
      readHref={hrefOf({ reading: '1' })}
      closeHref={hrefOf(isReading ? { reading: null } : { open: null })}
    />
  );
  if (isReading && conversation) return conversation;
  if (!response) return <LoadState error={error} onRetry={retry} />;
  if (response.threads.length === 0 && open === null)
    return (
      <EmptyList
        title="No conversations"
        text="Records belong to a conversation when they carry a thread id, for instance session.id."
        filteredText="No conversation has a record that matches all of these filters."
      />
    );
  const hidden = response.total - response.threads.length;
  return (
    <div class="split conversations" data-open={open !== null}>
      <section class="list" aria-label="Conversations">
        <div class="list-bar">
          <span class="muted number">{formatCount(response.total, 'conversation')}</span>
          {response.rankedSince !== undefined && (
            <span
              class="muted"
              title="There are too many conversations to compare all of them: these have a record since then."
            >
              since {formatTime(response.rankedSince)}
            </span>
          )}
          <select
            aria-label="Order"
            value={order}
            onChange={(event) => navigate(path, withParams(params, { order: event.currentTarget.value }))}
          >
            {Object.entries(ORDERS).map(([value, name]) => (
              <option key={value} value={value}>
                {name}
              </option>
            ))}
          </select>
        </div>
        <ul class="thread-list" ref={list}>
          {response.threads.map((thread) => (
            <li key={thread.threadId}>
              <Link href={hrefOf({ open: thread.threadId })} current={thread.threadId === open}>
                <ThreadFacts thread={thread} order={order} />
              </Link>
            </li>
          ))}
        </ul>
        {hidden > 0 && (
          <p class="more">
            <button type="button" onClick={withFocus(() => setLimit(limit + STEP))}>
              Show {formatInteger(Math.min(STEP, hidden))} more
            </button>
            <span class="muted"> {formatInteger(hidden)} are not shown.</span>
          </p>
        )}
      </section>
      {conversation}
    </div>
  );
}

interface ThreadFactsProps {
  readonly thread: ThreadSummary;
  readonly order: ThreadOrder;
}

function ThreadFacts({ thread, order }: ThreadFactsProps) {
  return (
    <>
      <span class="thread-prompt" dir="auto">
        {visibleText(thread.firstPrompt ?? '', thread.threadId)}
      </span>
      <span class="thread-facts muted">
        <span>{thread.users.map((user) => visibleText(user)).join(', ')}</span>
        <span class="number">
          {threadFact(thread, order)} ·{' '}
          {formatTime(order === 'earliest' ? thread.firstSeen : thread.lastSeen)}
        </span>
      </span>
    </>
  );
}

function toOrder(text: string | null): ThreadOrder {
  return text !== null && Object.hasOwn(ORDERS, text) ? (text as ThreadOrder) : 'latest';
}

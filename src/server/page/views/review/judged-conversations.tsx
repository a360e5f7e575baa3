import type { JudgedConversation } from '../../../review/list-conversations.js';
import { drillDown } from '../../browser/location.js';
import { formatCosts } from '../../data/cost-text.js';
import { formatCount, formatInteger, formatTime } from '../../data/format.js';
import { useResource } from '../../data/use-resource.js';
import { EmptyList } from '../../parts/empty-list.js';
import { Link } from '../../parts/link.js';
import { LoadState } from '../../parts/load-state.js';
import { STATE_NAMES } from '../../parts/review-controls.js';
import type { ViewProps } from '../view-props.js';

/** Conversations that are listed; the server lists at most 500. */
const LIMIT = 500;

const NUMBERS: ReadonlySet<string> = new Set(['Prompts', 'Cost', 'Last']);

/** Conversations that reviewers have judged as a whole, with their verdicts. A click opens one. */
export function JudgedConversations({ feed, params, query }: Omit<ViewProps, 'path'>) {
  const changes = feed.changes + feed.documentChanges;
  const { value, error, retry } = useResource('review/conversations', `${query}&limit=${LIMIT}`, changes);
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { items, total, ratings } = value;
  if (total === 0)
    return (
      <EmptyList
        title="No conversation is judged"
        text="Open a conversation, and choose Good or Bad at its end: it is listed here then."
        filteredText="Among the conversations that match all of these filters, none is judged."
      />
    );
  return (
    <div class="table-box" tabIndex={0} role="region" aria-label="Judged conversations">
      <p class="review-share judged-share">
        {formatInteger(ratings.good)} good, {formatInteger(ratings.bad)} bad, {formatInteger(ratings.none)}{' '}
        without a judgement.
      </p>
      <table class="people">
        <thead>
          <tr>
            {['Conversation', 'Judgement', 'State', 'Assignee', 'Person', 'Prompts', 'Cost', 'Last'].map(
              (name) => (
                <th key={name} scope="col" class={NUMBERS.has(name) ? 'number' : undefined}>
                  {name}
                </th>
              ),
            )}
          </tr>
        </thead>
        <tbody>
          {items.map((item) => (
            <Row key={item.thread.threadId} item={item} params={params} />
          ))}
        </tbody>
      </table>
      {total > items.length && (
        <p class="more muted">{formatCount(total - items.length, 'more is', 'more are')} not shown.</p>
      )}
    </div>
  );
}

interface RowProps {
  readonly item: JudgedConversation;
  readonly params: URLSearchParams;
}

function Row({ item: { thread, review }, params }: RowProps) {
  const open = new URLSearchParams({ open: thread.threadId }).toString();
  return (
    <tr>
      <th scope="row">
        <Link href={`${drillDown('/conversations', params, {})}&${open}`}>
          <span dir="auto">{thread.firstPrompt || thread.threadId}</span>
        </Link>
        {review.note !== undefined && (
          <div class="muted" dir="auto">
            {review.note}
          </div>
        )}
      </th>
      <td>{review.rating ?? '–'}</td>
      <td>{STATE_NAMES[review.state]}</td>
      <td>{review.assignee ?? '–'}</td>
      <td>{thread.users.join(', ')}</td>
      <td class="number">{formatInteger(thread.prompts)}</td>
      <td class="number">{formatCosts(thread)}</td>
      <td class="number">{formatTime(thread.lastSeen)}</td>
    </tr>
  );
}

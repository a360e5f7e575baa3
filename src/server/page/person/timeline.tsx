import { useState } from 'preact/hooks';
import type { PersonConversation, PersonTimeline } from '../../http/answers/person-timeline.js';
import { drillDown } from '../browser/location.js';
import { useNewRowFocus } from '../browser/use-new-row-focus.js';
import { formatCosts } from '../data/cost-text.js';
import { formatCount, formatFullTime, formatInteger, formatTime } from '../data/format.js';
import { useResource } from '../data/use-resource.js';
import { Link } from '../parts/link.js';
import { LoadState } from '../parts/load-state.js';
import { visibleText } from '../data/visible-text.js';

/** Conversations that are listed at first, and that each further step adds. */
const STEP = 50;

interface TimelineProps {
  readonly params: URLSearchParams;
  /** The filters in `params`, of which one names the person, as a query string for the API. */
  readonly query: string;
  readonly changes: number;
}

/** Conversations of one person with topics, feedback and cost, the latest active first. */
export function Timeline({ params, query, changes }: TimelineProps) {
  const [limit, setLimit] = useState(STEP);
  const { value, error, retry } = useResource('person', `${query}&limit=${limit}`, changes);
  const [list, withFocus] = useNewRowFocus<HTMLOListElement>();
  if (!value) return <LoadState error={error} onRetry={retry} />;
  const { conversations, total, single } = value;
  const hidden = total - conversations.length;
  return (
    <section class="person-timeline" aria-label="Timeline">
      <Sums timeline={value} params={params} />
      <ol ref={list}>
        {conversations.map((conversation) => (
          <Conversation key={conversation.threadId} conversation={conversation} params={params} />
        ))}
      </ol>
      {hidden > 0 && (
        <p class="more">
          <button type="button" onClick={withFocus(() => setLimit(limit + STEP))}>
            Show {formatInteger(Math.min(STEP, hidden))} more
          </button>
          <span class="muted"> {formatCount(hidden, 'conversation is', 'conversations are')} not shown.</span>
        </p>
      )}
      {single > 0 && (
        <p>
          <Link href={drillDown('/', params, {})}>
            {formatCount(single, 'request belongs', 'requests belong')} to no conversation
          </Link>
        </p>
      )}
    </section>
  );
}

interface SumsProps {
  readonly timeline: PersonTimeline;
  readonly params: URLSearchParams;
}

function Sums({ timeline: { person, conversations, total, rated, bad, topics }, params }: SumsProps) {
  if (!person) return <p class="muted">This person has no records under these filters.</p>;
  return (
    <>
      <p>
        <strong>{formatCount(total, 'conversation')}</strong>, {formatCount(person.prompts, 'prompt')},{' '}
        {formatCount(person.errors, 'error')}, {formatCosts(person)}
        {rated > 0 && `, ${formatInteger(bad)} of ${formatCount(rated, 'rated answer')} bad`}. From{' '}
        {formatFullTime(person.firstSeen)} to {formatFullTime(person.lastSeen)}.
      </p>
      {topics.length === 0 && (
        <p class="muted">
          No topics: they are known after <Link href="/topics">Topics</Link> was opened.
        </p>
      )}
      {topics.length > 0 && (
        <p>
          {total > conversations.length ? 'Topics of the listed conversations' : 'Topics'}:{' '}
          {topics.slice(0, 8).map(({ id, name, conversations: count }) => (
            <Link key={id} class="topic-link" href={drillDown('/conversations', params, { topic: id })}>
              {name} <span class="muted number">{formatInteger(count)}</span>
            </Link>
          ))}
        </p>
      )}
    </>
  );
}

interface ConversationProps {
  readonly conversation: PersonConversation;
  readonly params: URLSearchParams;
}

function Conversation({ conversation, params }: ConversationProps) {
  const { threadId, firstPrompt, lastSeen, prompts, errors, rated, bad, topics, comments } = conversation;
  const facts = [
    ...(prompts > 0 ? [formatCount(prompts, 'prompt'), formatCosts(conversation)] : []),
    ...(errors > 0 ? [formatCount(errors, 'error')] : []),
    ...(rated > bad ? [`${formatInteger(rated - bad)} good`] : []),
    ...(bad > 0 ? [`${formatInteger(bad)} bad`] : []),
    ...topics.map(({ name }) => name),
  ];
  return (
    <li>
      <time class="muted number" dateTime={lastSeen} title={formatFullTime(lastSeen)}>
        {formatTime(lastSeen)}
      </time>
      <div>
        <Link
          href={`${drillDown('/conversations', params, {})}&${new URLSearchParams({ open: threadId }).toString()}`}
        >
          <span dir="auto">{visibleText(firstPrompt ?? '', threadId)}</span>
        </Link>
        <p class="muted">{facts.join(' · ')}</p>
        {comments.map(({ at, userId, text }) => (
          <blockquote key={`${at} ${userId}`} title={`${userId}, ${formatFullTime(at)}`} dir="auto">
            {text}
          </blockquote>
        ))}
      </div>
    </li>
  );
}

import { formatCount, formatInteger, formatTime } from '../../data/format.js';
import { withParams } from '../../browser/location.js';
import { useResource } from '../../data/use-resource.js';
import type { ViewProps } from '../view-props.js';
import { Conversation } from './conversation.js';
import { Link } from '../../parts/link.js';

const MAX_SHOWN = 200;

/** List of conversations, and the open one as a chat. */
export function ConversationsView({ feed, path, params, query }: ViewProps) {
  const response = useResource('threads', `${query}&limit=${MAX_SHOWN}`, feed.changes);
  if (!response) return <p class="message muted">Loading …</p>;
  const open = params.get('open');
  if (response.threads.length === 0 && open === null)
    return (
      <div class="message">
        <h2>No conversations</h2>
        <p class="muted">
          Records belong to a conversation when they carry a thread id, for instance session.id.
        </p>
      </div>
    );
  return (
    <div class="split conversations" data-open={open !== null}>
      <section class="list" aria-label="Conversations">
        <ul class="thread-list">
          {response.threads.map((thread) => (
            <li key={thread.threadId}>
              <Link
                href={`${path}?${withParams(params, { open: thread.threadId }).toString()}`}
                current={thread.threadId === open}
              >
                <span class="thread-prompt" dir="auto">
                  {thread.firstPrompt || thread.threadId}
                </span>
                <span class="thread-facts muted">
                  <span>{thread.users.join(', ')}</span>
                  <span class="number">
                    {formatCount(thread.prompts, 'prompt')} · {formatTime(thread.lastSeen)}
                  </span>
                </span>
              </Link>
            </li>
          ))}
        </ul>
        {response.total > response.threads.length && (
          <p class="muted more">
            {formatInteger(response.total - response.threads.length)} more: filter to find them.
          </p>
        )}
      </section>
      {open !== null && (
        <Conversation
          key={open}
          threadId={open}
          changes={feed.changes}
          closeHref={`${path}?${withParams(params, { open: null }).toString()}`}
        />
      )}
    </div>
  );
}

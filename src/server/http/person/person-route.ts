import { Hono } from 'hono';
import { readQuery } from '../../audience/read-query.js';
import type { RecordStore } from '../../engines/record-store.js';
import { BadQueryError, parseCount } from '../../query/parse-query.js';
import { answerWith } from '../answers/api-responses.js';
import { answerError } from '../api/answer-error.js';
import { readPerson } from './read-person.js';

/** Conversations of a timeline, by default and at most. */
const DEFAULT_CONVERSATIONS = 50;
const MAX_CONVERSATIONS = 500;

/**
 * The route of one person, below `/api`. It takes the filters of {@link readQuery}, of which `user` names the person.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /person?user=` | `PersonTimeline`: conversations with topics, feedback and cost, the latest active first; `limit` (50, at most 500) |
 */
export function personRoute(store: RecordStore): Hono {
  const app = new Hono();
  app.onError(answerError);
  answerWith(app, 'person', async (params) => {
    const users = params.getAll('user').filter((user) => user !== '');
    if (users.length !== 1) throw new BadQueryError('user must name one person');
    const limit = Math.max(1, parseCount(params, 'limit', DEFAULT_CONVERSATIONS, MAX_CONVERSATIONS));
    return readPerson(store, await readQuery(params, store.documents), limit);
  });
  return app;
}

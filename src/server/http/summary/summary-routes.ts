import { Hono } from 'hono';
import { readRequestTimeZone } from '../../audience/project-time-zone.js';
import { readOnce, type DocumentReader } from '../../audience/read-once.js';
import type { RecordStore } from '../../engines/record-store.js';
import { SUMMARY_PARTS, type PartialSummary, type SummaryPart } from '../../insights/summary/summary.js';
import { BadQueryError } from '../../query/parse-query.js';
import { answerWith } from '../answers/api-responses.js';
import { readSides } from '../measure/compared-sides.js';
import { PendingAnswers } from '../measure/pending-answers.js';
import { readSummary } from './read-summary.js';

/** Period of a summary without `since`. */
const DEFAULT_SINCE = '7d';

/**
 * The route of the first screen, below `/api`. It takes the filters of `readQuery()`, and says what is compared as `GET /compare` does.
 *
 * | route | answer |
 * | --- | --- |
 * | `GET /summary` | `Summary`; only what `part` names: `people`, `outcomes`, `cost`, `changes`; without `since` and `period`, of the last 7 days; `timezone` (that of the project) |
 *
 * @param answers those that are being made, because one consists of some twenty measures
 */
export function summaryRoutes(store: RecordStore, answers = new PendingAnswers<PartialSummary>()): Hono {
  const app = new Hono();
  answerWith(app, 'summary', async (params) => {
    const documents = readOnce(store.documents);
    const timeZone = await readRequestTimeZone(params, documents);
    const key = JSON.stringify([params.toString(), timeZone]);
    return answers.read(key, () => answerSummary(params, store, documents, timeZone));
  });
  return app;
}

async function answerSummary(
  params: URLSearchParams,
  store: RecordStore,
  documents: DocumentReader,
  timeZone: string,
): Promise<PartialSummary> {
  if (!params.get('since') && !params.get('period')) params.set('since', DEFAULT_SINCE);
  const parts = parseParts(params);
  return readSummary(store, await readSides(params, documents, timeZone), timeZone, parts);
}

/** @throws BadQueryError */
function parseParts(params: URLSearchParams): readonly SummaryPart[] {
  const names = params.getAll('part').flatMap((text) => text.split(','));
  const given = names.filter((name) => name !== '');
  const parts = SUMMARY_PARTS.filter((part) => given.includes(part));
  if (given.some((name) => !SUMMARY_PARTS.some((part) => part === name)))
    throw new BadQueryError(`part must be one of ${SUMMARY_PARTS.join(', ')}`);
  return parts.length === 0 ? SUMMARY_PARTS : parts;
}

import { asArray, asRecord, lookUp } from '../../../common/unknown-values.js';
import { FeedbackIndex } from '../../model/feedback.js';
import type { StoredRecord } from '../../model/stored-record.js';
import { namedValues, pick, recordsOf, shortRecord } from './shorten.js';
import { FILTER_ARGUMENTS, limitArgument } from './tool-arguments.js';
import { ToolError, type AskApi, type Tool } from './tool.js';

/** Longest cut of a text in a list, and of one that is read. */
const LISTED_LENGTH = 500;
const READ_LENGTH = 4000;
const WHOLE_LENGTH = 20_000;
/** Current ratings that are looked for. */
const RATINGS = { bad: ['bad'], good: ['good'], any: ['bad', 'good', 'neutral'] } as const;
const MAX_CONVERSATION = 20;

/** Tools whose answers hold texts of people. */
export const TEXT_TOOLS: readonly Tool[] = [
  {
    name: 'search',
    title: 'Search',
    description:
      'Finds prompts and answers, the latest first: by words in them, by person, model, time and other filters. Texts are cut; "conversation" shows them whole.',
    hasTexts: true,
    arguments: {
      query: {
        type: 'string',
        description: 'Words and "phrases" that must all occur, -word must not; without it, the latest',
      },
      ...FILTER_ARGUMENTS,
      limit: limitArgument('records', 10, 50),
    },
    run: async (given, { ask }) => {
      const params = given.filters;
      const query = given.text('query');
      if (query !== undefined) params.set('q', query);
      params.set('limit', String(given.count('limit', 10)));
      params.set('preview', String(LISTED_LENGTH));
      const { records, feedback, total, isTotalCapped } = await listRecords(params, ask);
      return {
        total,
        ...(isTotalCapped && { totalIsAtLeast: true }),
        records: records.map((record) => shortRecord(record, LISTED_LENGTH, feedback.forRecord(record.id))),
      };
    },
  },
  {
    name: 'conversation',
    title: 'Read a conversation',
    description:
      'Reads a conversation from its beginning, or one record as a whole. Ids of conversations and records come from the other tools.',
    hasTexts: true,
    arguments: {
      conversation: { type: 'string', description: 'Id of the conversation' },
      record: { type: 'string', description: 'Id of one record, in place of a conversation' },
    },
    run: async (given, { ask }) => {
      const [thread, id] = [given.text('conversation'), given.text('record')];
      if (id !== undefined) return readRecord(id, ask);
      if (thread === undefined) throw new ToolError('conversation needs the argument conversation or record');
      return readConversation(thread, ask);
    },
  },
  {
    name: 'feedback',
    title: 'Feedback',
    description:
      'What people say of answers: how many were rated and how many of them bad, and the latest answers that are rated bad (or good) now, with question, ratings and comments.',
    hasTexts: true,
    arguments: {
      rating: { type: 'string', description: 'Which ratings, default bad', enum: ['bad', 'good', 'any'] },
      ...FILTER_ARGUMENTS,
      limit: limitArgument('answers', 10, 30),
    },
    run: async (given, { ask }) => {
      const measures = ['requests', 'rated', 'bad', 'badShare'];
      const measured = new URLSearchParams([...given.filters, ['measure', measures.join(',')]]);
      const { values, n } = asRecord((await ask('/api/measure', measured))['total']);
      const params = new URLSearchParams(given.filters);
      const wanted = lookUp<readonly string[]>(RATINGS, given.text('rating') ?? 'bad') ?? RATINGS.bad;
      for (const rating of wanted) params.append('rating', rating);
      params.set('limit', String(given.count('limit', 10)));
      params.set('preview', String(LISTED_LENGTH));
      const { records, feedback, total } = await listRecords(params, ask);
      return {
        numbers: namedValues(measures, values, n),
        total,
        answers: records.map((record) => shortRecord(record, LISTED_LENGTH, feedback.forRecord(record.id))),
      };
    },
  },
  {
    name: 'topics',
    title: 'What people ask about',
    description:
      'Topics of what was asked in a period, found by their words: people, conversations, errors and cost of each, compared with the period before. Needs some 20 prompts.',
    hasTexts: true,
    arguments: { ...FILTER_ARGUMENTS, limit: limitArgument('topics', 20, 50) },
    run: async (given, { ask }) => {
      const { topics, other, ...sample } = await ask('/api/topics', given.filters);
      return {
        ...pick(sample, ['sampled', 'total', 'withoutText']),
        topics: recordsOf(topics)
          .slice(0, given.count('limit', 20))
          .map((topic) => ({
            ...pick(topic, [
              'name',
              'requests',
              'people',
              'conversations',
              'share',
              'errors',
              'cost',
              'before',
            ]),
            examples: recordsOf(topic['examples']).map(({ id, text }) => ({ record: id, text })),
          })),
        other,
      };
    },
  },
];

interface Listed {
  readonly records: readonly StoredRecord[];
  readonly feedback: FeedbackIndex;
  readonly total: unknown;
  readonly isTotalCapped: boolean;
}

async function listRecords(params: URLSearchParams, ask: AskApi): Promise<Listed> {
  const { records, feedback, total, isTotalCapped } = await ask('/api/records', params);
  const index = new FeedbackIndex();
  index.add(asArray(feedback) as readonly StoredRecord[]);
  return {
    records: asArray(records) as readonly StoredRecord[],
    feedback: index,
    total,
    isTotalCapped: isTotalCapped === true,
  };
}

async function readRecord(id: string, ask: AskApi): Promise<object> {
  const record = (await ask('/api/records/', new URLSearchParams({ id }))) as unknown as StoredRecord;
  const { records } = await listRecords(new URLSearchParams({ about: id, internal: 'show' }), ask);
  return shortRecord(record, WHOLE_LENGTH, records);
}

/** Internal traffic is shown: somebody who names a conversation means it. */
async function readConversation(thread: string, ask: AskApi): Promise<object> {
  const params = { thread, internal: 'show', order: 'time', limit: String(MAX_CONVERSATION) };
  const { records, feedback, total } = await listRecords(
    new URLSearchParams({ ...params, preview: String(READ_LENGTH) }),
    ask,
  );
  if (records.length === 0) throw new ToolError(`There is no conversation "${thread.slice(0, 100)}"`);
  return {
    conversation: thread,
    total,
    ...(Number(total) > records.length && { note: `Only the latest ${records.length} records are shown` }),
    records: records
      .toReversed()
      .map((record) => shortRecord(record, READ_LENGTH, feedback.forRecord(record.id))),
  };
}

import { asRecord, asStrings, type UnknownRecord } from '../../../common/unknown-values.js';
import { KNOWN_DIMENSIONS } from '../../model/measure/dimensions.js';
import { MEASURE_NAMES, TIME_STEPS } from '../../query/measure-request.js';
import { namedValues, pick, recordsOf, type ShortRecord } from './shorten.js';
import { FILTER_ARGUMENTS, limitArgument } from './tool-arguments.js';
import { ToolError, type GivenArguments, type Tool, type ToolContext } from './tool.js';

const DEFAULT_MEASURES = 'prompts,people,threads,errorRate,badShare,cost,latencyP50,latencyP95';
const COST_MEASURES = 'cost,pricedCalls,unpricedCalls,totalTokens,people';
const MAX_STEPS = 100;

const DIMENSIONS = KNOWN_DIMENSIONS.map(({ name }) => name).join(', ');

const MEASURING = {
  by: { type: 'string', description: `Groups: ${DIMENSIONS}, or prop.<name> for any property` },
  compare: {
    type: 'string',
    description: 'Compares with the period before, or with the same weekdays before; needs since',
    enum: ['previous', 'same-weekday'],
  },
  timezone: {
    type: 'string',
    description: 'IANA name of the time zone of days; default: that of the project, else UTC',
  },
  limit: limitArgument('groups', 10, 50),
} as const;

/** Tools whose answers are numbers and names. */
export const NUMBER_TOOLS: readonly Tool[] = [
  {
    name: 'statistics',
    title: 'Statistics',
    description:
      'Counts and measures: use, people, errors, ratings, tokens, cost, latency (seconds); in all, by a dimension, over time, or compared with the period before. A value with "of" says how much is behind it; null means nothing was measured.',
    hasTexts: false,
    arguments: {
      measures: {
        type: 'string',
        description: `Separated by commas: ${MEASURE_NAMES.join(', ')}, or prop.<name>:<count|sum|mean|p50|p95>. Default ${DEFAULT_MEASURES}`,
      },
      step: { type: 'string', description: 'Values over time', enum: TIME_STEPS },
      ...MEASURING,
      ...FILTER_ARGUMENTS,
    },
    run: (given, context) => measure(given, given.text('measures') ?? DEFAULT_MEASURES, context),
  },
  {
    name: 'cost',
    title: 'Cost',
    description:
      'Cost of the recorded calls in US dollars, by model (default), user, organization or another dimension. Calls without a known price are counted apart as unpricedCalls, never as 0.',
    hasTexts: false,
    arguments: { ...MEASURING, ...FILTER_ARGUMENTS },
    run: (given, context) => measure(given, COST_MEASURES, context, 'model'),
  },
  {
    name: 'person',
    title: 'A person',
    description:
      'Numbers of one person: prompts, conversations, errors, tokens, cost, models, first and last seen, ratings; and the latest conversations.',
    hasTexts: false,
    arguments: { user: { type: 'string', description: 'Id of the person' } },
    required: ['user'],
    run: async (given, context) => readPerson(given.text('user') ?? '', context),
  },
];

async function measure(
  given: GivenArguments,
  measures: string,
  { ask }: ToolContext,
  defaultBy?: string,
): Promise<object> {
  const params = given.filters;
  params.set('measure', measures);
  params.set('limit', String(given.count('limit', 10)));
  const [by = defaultBy, step, compare] = [given.text('by'), given.text('step'), given.text('compare')];
  const timeZone = given.text('timezone');
  if (by !== undefined) params.set('by', by);
  if (timeZone !== undefined) params.set('timezone', timeZone);
  if (step !== undefined && compare !== undefined) throw new ToolError('step and compare exclude each other');
  if (compare !== undefined) {
    params.set('against', compare);
    return compared(await ask('/api/compare', params));
  }
  if (step !== undefined) params.set('step', step);
  return measured(await ask('/api/measure', params));
}

/** @throws ToolError if there are too many steps for an assistant to read */
function measured(answer: UnknownRecord): object {
  const { total, other, groupCount, steps } = answer;
  const [measures, groups] = [asStrings(answer['measures']), recordsOf(answer['groups'])];
  const starts = asRecord(steps)['at'];
  const at = Array.isArray(starts) ? starts.map((time) => new Date(Number(time)).toISOString()) : [];
  if (at.length * (groups.length + 1) > MAX_STEPS * 5)
    throw new ToolError(
      `These are ${at.length} steps of ${groups.length + 1} rows: choose a longer step, a shorter time or fewer groups`,
    );
  const valuesOf = (row: UnknownRecord): ShortRecord => ({
    ...namedValues(measures, row['values'], row['n']),
    ...(at.length > 0 && { series: seriesOf(measures, row['series']) }),
  });
  return {
    by: answer['by'],
    total: valuesOf(asRecord(total)),
    groups: groups.map((group) => ({ name: group['name'], ...valuesOf(group) })),
    ...(other !== null && { other: { groups: asRecord(other)['groups'], ...valuesOf(asRecord(other)) } }),
    groupCount,
    ...(at.length > 0 && { steps: at }),
  };
}

function seriesOf(measures: readonly string[], series: unknown): ShortRecord {
  const lists = Array.isArray(series) ? series : [];
  return Object.fromEntries(measures.map((name, place) => [name, lists[place]]));
}

function compared(answer: UnknownRecord): object {
  const measures = asStrings(answer['measures']);
  const changesOf = (row: UnknownRecord): ShortRecord => {
    const changes = recordsOf(row['changes']);
    const fields = ['value', 'n', 'before', 'nBefore', 'change', 'unit', 'isNew', 'judgement'];
    return Object.fromEntries(measures.map((name, place) => [name, pick(changes[place] ?? {}, fields)]));
  };
  return {
    by: answer['by'],
    periods: answer['periods'],
    total: changesOf(answer),
    groups: recordsOf(answer['groups']).map((group) => ({ name: group['name'], ...changesOf(group) })),
  };
}

async function readPerson(user: string, { ask, mayReadTexts }: ToolContext): Promise<object> {
  const filters = { user, internal: 'show' };
  const measures = ['rated', 'bad', 'badShare', 'latencyP50'];
  const [{ users }, ratings, threads] = await Promise.all([
    ask('/api/users', new URLSearchParams(filters)),
    ask('/api/measure', new URLSearchParams({ ...filters, measure: measures.join(',') })),
    mayReadTexts ? ask('/api/threads', new URLSearchParams({ ...filters, limit: '10' })) : undefined,
  ]);
  const [person] = recordsOf(users);
  if (!person) throw new ToolError(`There is no person "${user.slice(0, 100)}"`);
  const { values, n } = asRecord(ratings['total']);
  const numbers = ['prompts', 'threads', 'errors', 'totalTokens', 'cost', 'unpricedCalls'];
  return {
    ...pick(person, ['userId', 'name', 'firstSeen', 'lastSeen', 'models', ...numbers]),
    ...namedValues(measures, values, n),
    ...(threads && {
      conversations: recordsOf(threads['threads']).map((thread) =>
        pick(thread, ['threadId', 'firstPrompt', 'firstSeen', 'lastSeen', 'prompts', 'errors', 'cost']),
      ),
    }),
  };
}

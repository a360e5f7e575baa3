import type { RecordStore } from '../../engines/record-store.js';
import { arrivalsOf, isKnown } from '../../insights/summary/arrivals.js';
import {
  CONVERSATION_MEASURES,
  costOfGroups,
  MAX_CONVERSATIONS,
  summariseCost,
} from '../../insights/summary/cost-summary.js';
import { changeOfShare, measuredPair } from '../../insights/summary/measured.js';
import { summarisePeople } from '../../insights/summary/people-summary.js';
import { QUALITY_MEASURES, qualityOf } from '../../insights/summary/quality.js';
import { largestGroups, requestedGroups } from '../../insights/summary/ranked-groups.js';
import type {
  CostSummary,
  DimensionChanges,
  Summary,
  SummarySeries,
} from '../../insights/summary/summary.js';
import { dimensionOf, type Dimension } from '../../model/measure/dimensions.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import type { ComparedSides } from '../measure/compared-sides.js';
import { BothSides, type Answers } from './both-sides.js';

/** Numbers of all records of a side. */
const TOTALS = [
  'people',
  'requests',
  'prompts',
  'threads',
  'errorRate',
  'rated',
  'badShare',
  'latencyP95',
  'cost',
  'pricedCalls',
  'unpricedCalls',
] as const satisfies readonly MeasureName[];

/** Groups that are listed. */
const LISTED = 5;
/** Prompts whose versions are compared, those with most requests. */
const MAX_PROMPTS = 3;

/** Asks a store for all that a summary consists of. */
export async function readSummary(
  store: RecordStore,
  sides: ComparedSides,
  timeZone: string,
): Promise<Summary> {
  const asking = new BothSides(store, sides, timeZone);
  const [current, before] = await asking.totals(TOTALS);
  const totals = measuredPair(TOTALS, current.total, before.total);
  const models = await asking.groups('model', QUALITY_MEASURES);
  return {
    timeZone,
    periods: sides.periods,
    series: seriesOf(current),
    people: summarisePeople(totals, await asking.anonymous(), await asking.flow(totals)),
    outcomes: {
      errorRate: totals.change('errorRate'),
      badShare: totals.change('badShare'),
      ratedShare: changeOfShare(totals, 'rated', 'prompts'),
      latencyP95: totals.change('latencyP95'),
      errorTypes: await readErrorTypes(asking),
    },
    cost: summariseCost(
      totals,
      costOfGroups(QUALITY_MEASURES, ...models, LISTED),
      await readCustomers(asking),
      await asking.currentGroups('thread', CONVERSATION_MEASURES, MAX_CONVERSATIONS),
    ),
    changes: { total: qualityOf(totals), dimensions: await readChanges(asking, models) },
  };
}

async function readErrorTypes(asking: BothSides): Promise<Summary['outcomes']['errorTypes']> {
  const measures = ['errors'] as const;
  const answers = await asking.groups({ property: 'error_type' }, measures, { errors: [true] });
  const types = largestGroups(measures, ...answers, 'errors', LISTED);
  // Feedback on an error and its calls have no error of their own.
  return types.filter(({ change }) => (change.value ?? 0) + (change.before ?? 0) > 0);
}

/** Reads the cost of organizations; of people if no record has one. */
async function readCustomers(asking: BothSides): Promise<CostSummary['customers']> {
  const measures = ['cost'] as const;
  const organizations = await asking.groups('organization', measures);
  const by = isKnown(...organizations) ? 'organization' : 'user';
  const answers = by === 'user' ? await asking.groups('user', measures) : organizations;
  return { by, groups: costOfGroups(measures, ...answers, LISTED) };
}

/** @param models quality by model, which is known already */
async function readChanges(asking: BothSides, models: Answers): Promise<readonly DimensionChanges[]> {
  const release = await asking.groups(namedDimension('release'), QUALITY_MEASURES);
  const prompt = await asking.groups(namedDimension('prompt'), QUALITY_MEASURES);
  return [
    changesOf('release', release),
    changesOf('prompt', prompt),
    await readVersions(asking, prompt),
    changesOf('model', models),
  ];
}

function changesOf(dimension: DimensionChanges['dimension'], answers: Answers): DimensionChanges {
  return { dimension, isKnown: isKnown(...answers), arrivals: arrivalsOf(...answers) };
}

/** Reads versions of each prompt; where no prompt has a name, of all. */
async function readVersions(asking: BothSides, [current, before]: Answers): Promise<DimensionChanges> {
  const requested = requestedGroups(QUALITY_MEASURES, current).flatMap(({ name }) => name ?? []);
  const names = isKnown(current, before) ? requested.slice(0, MAX_PROMPTS) : [undefined];
  const version = namedDimension('prompt_version');
  const all = await Promise.all(
    names.map(async (name) => {
      const also = name === undefined ? {} : { properties: [{ name: 'prompt_name', values: [name] }] };
      const answers = await asking.groups(version, QUALITY_MEASURES, also);
      return { isKnown: isKnown(...answers), arrivals: arrivalsOf(...answers, name) };
    }),
  );
  return {
    dimension: 'prompt_version',
    isKnown: all.some((one) => one.isKnown),
    arrivals: all.flatMap(({ arrivals }) => arrivals),
  };
}

function namedDimension(name: string): Dimension {
  return dimensionOf(name) ?? { property: name };
}

function seriesOf({ total, steps }: MeasureAnswer): SummarySeries {
  const of = (measure: (typeof TOTALS)[number]): readonly (number | null)[] =>
    total.series?.[TOTALS.indexOf(measure)] ?? [];
  return {
    steps: steps ?? { step: 'day', timeZone: 'UTC', at: [], end: 0, outside: 0 },
    people: of('people'),
    requests: of('requests'),
    errorRate: of('errorRate'),
    badShare: of('badShare'),
    cost: of('cost'),
  };
}

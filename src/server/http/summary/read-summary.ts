import type { RecordStore } from '../../engines/record-store.js';
import { isKnown } from '../../insights/summary/arrivals.js';
import {
  CONVERSATION_MEASURES,
  costByOutcome,
  costOfGroups,
  MAX_CONVERSATIONS,
} from '../../insights/summary/cost-summary.js';
import { changeOfMean, changeOfShare } from '../../insights/summary/measured.js';
import { QUALITY_MEASURES, qualityOf } from '../../insights/summary/quality.js';
import { largestGroups } from '../../insights/summary/ranked-groups.js';
import type {
  CostSummary,
  OutcomeSummary,
  PartialSummary,
  PeopleSummary,
  SummaryPart,
} from '../../insights/summary/summary.js';
import type { MeasureName } from '../../query/measure-request.js';
import type { ComparedSides } from '../measure/compared-sides.js';
import { BothSides, type Totals } from './both-sides.js';
import { readChanges } from './read-changes.js';

/** Measures of all records that each part needs. */
const TOTALS = {
  people: ['people', 'requests', 'threads'],
  outcomes: ['errorRate', 'badShare', 'rated', 'prompts', 'latencyP95'],
  cost: ['cost', 'pricedCalls', 'unpricedCalls', 'people'],
  changes: QUALITY_MEASURES,
} as const satisfies Record<SummaryPart, readonly MeasureName[]>;

/** Groups that are listed. */
const LISTED = 5;

/** Asks a store for some parts of a summary. */
export async function readSummary<Part extends SummaryPart>(
  store: RecordStore,
  sides: ComparedSides,
  timeZone: string,
  parts: readonly Part[],
): Promise<PartialSummary & Required<Pick<PartialSummary, Part>>> {
  const asking = new BothSides(store, sides, timeZone);
  const measures = [...new Set(parts.flatMap((part) => TOTALS[part]))];
  const totals = await asking.totals(
    measures,
    (parts as readonly SummaryPart[]).some((part) => part !== 'changes'),
  );
  const has = (part: SummaryPart): boolean => (parts as readonly SummaryPart[]).includes(part);
  const summary: PartialSummary = {
    timeZone,
    periods: sides.periods,
    steps: totals.steps,
    ...(has('people') && { people: await readPeople(asking, totals) }),
    ...(has('outcomes') && { outcomes: await readOutcomes(asking, totals) }),
    ...(has('cost') && { cost: await readCost(asking, totals) }),
    ...(has('changes') && {
      changes: { total: qualityOf(totals.pair), dimensions: await readChanges(asking) },
    }),
  };
  return summary as PartialSummary & Required<Pick<PartialSummary, Part>>;
}

async function readPeople(asking: BothSides, { pair, series }: Totals): Promise<PeopleSummary> {
  return {
    people: pair.change('people'),
    requests: pair.change('requests'),
    conversations: pair.change('threads'),
    anonymous: await asking.anonymous(),
    flow: await asking.flow(pair),
    series: { people: series('people'), requests: series('requests') },
  };
}

async function readOutcomes(asking: BothSides, { pair, series }: Totals): Promise<OutcomeSummary> {
  const measures = ['errors'] as const;
  const answers = await asking.groups({ property: 'error_type' }, measures, { errors: [true] });
  const types = largestGroups(measures, ...answers, 'errors', LISTED);
  return {
    errorRate: pair.change('errorRate'),
    badShare: pair.change('badShare'),
    ratedShare: changeOfShare(pair, 'rated', 'prompts'),
    latencyP95: pair.change('latencyP95'),
    // Feedback on an error and its calls have no error of their own.
    errorTypes: types.filter(({ change }) => (change.value ?? 0) + (change.before ?? 0) > 0),
    series: { errorRate: series('errorRate'), badShare: series('badShare') },
  };
}

async function readCost(asking: BothSides, { pair, series }: Totals): Promise<CostSummary> {
  const measures = ['cost'] as const;
  const models = await asking.groups('model', measures);
  return {
    cost: pair.change('cost'),
    unpricedCalls: pair.change('unpricedCalls'),
    costPerCall: changeOfMean(pair, 'cost', 'pricedCalls'),
    costPerPerson: changeOfMean(pair, 'cost', 'people'),
    models: costOfGroups(measures, ...models, LISTED),
    customers: await readCustomers(asking),
    byOutcome: costByOutcome(await asking.currentGroups('thread', CONVERSATION_MEASURES, MAX_CONVERSATIONS)),
    series: { cost: series('cost') },
  };
}

/** Reads the cost of organizations; of people if no record has one. */
async function readCustomers(asking: BothSides): Promise<CostSummary['customers']> {
  const measures = ['cost'] as const;
  const organizations = await asking.groups('organization', measures);
  const by = isKnown(...organizations) ? 'organization' : 'user';
  const answers = by === 'user' ? await asking.groups('user', measures) : organizations;
  return { by, groups: costOfGroups(measures, ...answers, LISTED) };
}

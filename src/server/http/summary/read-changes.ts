import {
  ARRIVAL_MEASURES,
  findArrivals,
  findVersions,
  isKnown,
  type Arrivals,
} from '../../insights/summary/arrivals.js';
import { measuredPair, type MeasuredPair } from '../../insights/summary/measured.js';
import { QUALITY_MEASURES, qualityOf } from '../../insights/summary/quality.js';
import type { Arrival, DimensionChanges } from '../../insights/summary/summary.js';
import {
  dimensionOf,
  isPropertyDimension,
  propertyOf,
  type Grouping,
} from '../../model/measure/dimensions.js';
import type { MeasureName } from '../../query/measure-request.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { Answers, BothSides } from './both-sides.js';

type ChangedDimension = DimensionChanges['dimension'];

/** New prompt versions that are listed. */
const MAX_VERSIONS = 9;

/** A prompt version is known by its prompt as well. */
const VERSIONS = { pair: [propertyNamed('prompt'), propertyNamed('prompt_version')] } as const;

const GROUPINGS: Readonly<Record<ChangedDimension, Grouping>> = {
  release: groupingOf('release'),
  prompt: groupingOf('prompt'),
  prompt_version: VERSIONS,
  model: groupingOf('model'),
};
const DIMENSIONS = Object.keys(GROUPINGS) as readonly ChangedDimension[];

/** Requests of a dimension on both sides, and what is new in it. */
interface Found {
  readonly dimension: ChangedDimension;
  readonly answers: Answers;
  readonly arrivals: readonly Arrivals[];
}

/** Reads which releases, prompts, prompt versions and models are new, and their quality beside the ones before. */
export async function readChanges(asking: BothSides): Promise<readonly DimensionChanges[]> {
  const requests = await askEach(asking, DIMENSIONS, ARRIVAL_MEASURES);
  const found = [...requests].map(([dimension, answers]): Found => {
    const [prompts] = requests.get('prompt') ?? answers;
    const arrivals =
      dimension === 'prompt_version' ? findVersions(prompts, ...answers) : [findArrivals(...answers)];
    return { dimension, answers, arrivals };
  });
  // Most often there is nothing new, and nothing more is asked.
  const changed = found.filter(({ arrivals }) => arrivals.some((one) => one.arrivals.length > 0));
  const qualities = await askEach(
    asking,
    changed.map(({ dimension }) => dimension),
    QUALITY_MEASURES,
  );
  return found.map(({ dimension, answers, arrivals }) => {
    const measured = measuredArrivals(arrivals, qualities.get(dimension));
    return {
      dimension,
      isKnown: isKnown(...answers),
      arrivals: dimension === 'prompt_version' ? measured.slice(0, MAX_VERSIONS) : measured,
    };
  });
}

async function askEach(
  asking: BothSides,
  dimensions: readonly ChangedDimension[],
  measures: readonly MeasureName[],
): Promise<ReadonlyMap<ChangedDimension, Answers>> {
  if (dimensions.length === 0) return new Map();
  const answers = await asking.groupsEach(
    dimensions.map((dimension) => GROUPINGS[dimension]),
    measures,
  );
  return new Map(
    answers.flatMap((answer, place) => {
      const dimension = dimensions[place];
      return dimension === undefined ? [] : [[dimension, answer] as const];
    }),
  );
}

/** Returns arrivals as they are now, beside their predecessors before. */
function measuredArrivals(found: readonly Arrivals[], quality: Answers | undefined): readonly Arrival[] {
  if (!quality) return [];
  const [current, before] = quality;
  return found.flatMap(({ prompt, predecessor, arrivals }) =>
    arrivals.map(({ name, group }): Arrival => {
      const pair = pairOf(current, group, before, predecessor?.group);
      const ofPrompt = prompt === undefined ? {} : { prompt };
      return { name, predecessor: predecessor?.name ?? null, ...ofPrompt, ...qualityOf(pair) };
    }),
  );
}

function pairOf(
  current: MeasureAnswer,
  group: string,
  before: MeasureAnswer,
  groupBefore: string | undefined,
): MeasuredPair {
  const now = current.groups.find(({ name }) => name === group);
  const then = groupBefore === undefined ? undefined : before.groups.find(({ name }) => name === groupBefore);
  return measuredPair(QUALITY_MEASURES, now, then);
}

function groupingOf(name: ChangedDimension): Grouping {
  return dimensionOf(name) ?? { property: name };
}

function propertyNamed(name: ChangedDimension): string {
  const dimension = dimensionOf(name);
  return dimension && isPropertyDimension(dimension) ? propertyOf(dimension) : name;
}

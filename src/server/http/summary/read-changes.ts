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
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { Answers, BothSides } from './both-sides.js';

type ChangedDimension = DimensionChanges['dimension'];

/** New prompt versions that are listed. */
const MAX_VERSIONS = 9;

/** Reads which releases, prompts, prompt versions and models are new, and their quality beside the ones before. */
export async function readChanges(asking: BothSides): Promise<readonly DimensionChanges[]> {
  const prompts = await requestsBy(asking, 'prompt');
  return [
    await readDimension(asking, 'release'),
    await readDimension(asking, 'prompt', prompts),
    await readVersions(asking, prompts[0]),
    await readDimension(asking, 'model'),
  ];
}

function requestsBy(asking: BothSides, dimension: ChangedDimension): Promise<Answers> {
  return asking.groups(groupingOf(dimension), ARRIVAL_MEASURES);
}

async function readDimension(
  asking: BothSides,
  dimension: ChangedDimension,
  requests?: Answers,
): Promise<DimensionChanges> {
  const answers = requests ?? (await requestsBy(asking, dimension));
  const arrivals = await measured(asking, groupingOf(dimension), [findArrivals(...answers)]);
  return { dimension, isKnown: isKnown(...answers), arrivals };
}

/** Reads the versions of all prompts at once: asked one after the other, each prompt would select its records anew. */
async function readVersions(asking: BothSides, prompts: MeasureAnswer): Promise<DimensionChanges> {
  const by = { pair: [propertyNamed('prompt'), propertyNamed('prompt_version')] } as const;
  const answers = await asking.groups(by, ARRIVAL_MEASURES);
  const arrivals = await measured(asking, by, findVersions(prompts, ...answers));
  return {
    dimension: 'prompt_version',
    isKnown: isKnown(...answers),
    arrivals: arrivals.slice(0, MAX_VERSIONS),
  };
}

/** Measures arrivals now and their predecessors before: most often there are none, and nothing is asked. */
async function measured(
  asking: BothSides,
  by: Grouping,
  found: readonly Arrivals[],
): Promise<readonly Arrival[]> {
  if (found.every(({ arrivals }) => arrivals.length === 0)) return [];
  const [current, before] = await asking.groups(by, QUALITY_MEASURES);
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

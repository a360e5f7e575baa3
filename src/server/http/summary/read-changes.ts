import { ARRIVAL_MEASURES, findArrivals, isKnown } from '../../insights/summary/arrivals.js';
import { measuredPair } from '../../insights/summary/measured.js';
import { QUALITY_MEASURES, qualityOf } from '../../insights/summary/quality.js';
import { requestedGroups } from '../../insights/summary/ranked-groups.js';
import type { Arrival, DimensionChanges } from '../../insights/summary/summary.js';
import {
  dimensionOf,
  isPropertyDimension,
  propertyOf,
  type Dimension,
} from '../../model/measure/dimensions.js';
import type { RecordQuery } from '../../query/record-query.js';
import type { Answers, BothSides } from './both-sides.js';

/** Prompts whose versions are compared, those with most requests. */
const MAX_PROMPTS = 3;

/** Reads which releases, prompts, prompt versions and models are new, and their quality beside the ones before. */
export async function readChanges(asking: BothSides): Promise<readonly DimensionChanges[]> {
  const prompts = await requestsBy(asking, 'prompt');
  return [
    await readDimension(asking, 'release'),
    await readDimension(asking, 'prompt', prompts),
    await readVersions(asking, prompts),
    await readDimension(asking, 'model'),
  ];
}

async function readDimension(
  asking: BothSides,
  dimension: DimensionChanges['dimension'],
  requests?: Answers,
): Promise<DimensionChanges> {
  const answers = requests ?? (await requestsBy(asking, dimension));
  return { dimension, isKnown: isKnown(...answers), arrivals: await measured(asking, dimension, answers) };
}

/** Reads versions of each prompt; where no prompt has a name, of all. */
async function readVersions(asking: BothSides, prompts: Answers): Promise<DimensionChanges> {
  const requested = requestedGroups(ARRIVAL_MEASURES, prompts[0]).flatMap(({ name }) => name ?? []);
  const names = isKnown(...prompts) ? requested.slice(0, MAX_PROMPTS) : [undefined];
  let isAnyKnown = false;
  const arrivals: Arrival[] = [];
  for (const name of names) {
    const also = name === undefined ? {} : matching(dimensionNamed('prompt'), [name]);
    const answers = await requestsBy(asking, 'prompt_version', also);
    isAnyKnown ||= isKnown(...answers);
    arrivals.push(...(await measured(asking, 'prompt_version', answers, name)));
  }
  return { dimension: 'prompt_version', isKnown: isAnyKnown, arrivals };
}

function requestsBy(
  asking: BothSides,
  dimension: DimensionChanges['dimension'],
  also?: RecordQuery,
): Promise<Answers> {
  return asking.groups(dimensionNamed(dimension), ARRIVAL_MEASURES, also);
}

/** Measures arrivals now and their predecessor before: most often there are none, and nothing is asked. */
async function measured(
  asking: BothSides,
  dimension: DimensionChanges['dimension'],
  answers: Answers,
  prompt?: string,
): Promise<readonly Arrival[]> {
  const { names, predecessor } = findArrivals(...answers);
  if (names.length === 0) return [];
  const by = dimensionNamed(dimension);
  const ofPrompt = prompt === undefined ? {} : matching(dimensionNamed('prompt'), [prompt]);
  const measure = (side: 'current' | 'before', name: string) =>
    asking.measured(side, QUALITY_MEASURES, joined(ofPrompt, matching(by, [name])));
  const before = predecessor === null ? undefined : await measure('before', predecessor);
  const arrivals = names.map(async (name): Promise<Arrival> => {
    const pair = measuredPair(QUALITY_MEASURES, await measure('current', name), before);
    return { name, predecessor, ...(prompt !== undefined && { prompt }), ...qualityOf(pair) };
  });
  return Promise.all(arrivals);
}

function dimensionNamed(name: DimensionChanges['dimension']): Dimension {
  return dimensionOf(name) ?? { property: name };
}

/** Returns the query for the records with one of these values. */
function matching(by: Dimension, values: readonly string[]): RecordQuery {
  return isPropertyDimension(by) ? { properties: [{ name: propertyOf(by), values }] } : { models: values };
}

function joined(first: RecordQuery, second: RecordQuery): RecordQuery {
  const properties = [...(first.properties ?? []), ...(second.properties ?? [])];
  return { ...first, ...second, ...(properties.length > 0 && { properties }) };
}

import { readPairName } from '../../model/measure/dimensions.js';
import type { MeasureAnswer } from '../../model/measure/measure-answer.js';
import type { MeasureName } from '../../query/measure-request.js';
import { requestedGroups } from './ranked-groups.js';

/** By what arrivals are found. */
export const ARRIVAL_MEASURES = ['requests'] as const satisfies readonly MeasureName[];

/** Arrivals of a dimension, or of a prompt, that are listed. */
const MAX_ARRIVALS = 3;

/** The values that are new, and the one that they are compared with. */
export interface Arrivals {
  /** Name of the prompt, if it has one (prompt versions only). */
  readonly prompt?: string;
  /** Most requests first. */
  readonly arrivals: readonly NamedGroup[];
  /** Undefined if there was none. */
  readonly predecessor: NamedGroup | undefined;
}

/** A value, and the name of its group in an answer. */
export interface NamedGroup {
  readonly name: string;
  readonly group: string;
}

/** Returns true if a record says what the dimension is. */
export function isKnown(...answers: readonly MeasureAnswer[]): boolean {
  return answers.some(({ groups }) => groups.some(({ name }) => name !== null));
}

/** Finds the values with requests in the current period and none before, and the value that had most requests before. */
export function findArrivals(current: MeasureAnswer, before: MeasureAnswer): Arrivals {
  return arrivalsIn(groupNames(current).map(unsplit), groupNames(before).map(unsplit));
}

/**
 * Finds the new versions of each prompt; where no prompt has a name, those without one.
 *
 * @param prompts requests by prompt now, which tell the order
 * @param current requests by prompt and version
 */
export function findVersions(
  prompts: MeasureAnswer,
  current: MeasureAnswer,
  before: MeasureAnswer,
): readonly Arrivals[] {
  const [now, then] = [byPrompt(current), byPrompt(before)];
  const names = groupNames(prompts);
  const versionsOf = (name: string): Arrivals => arrivalsIn(now.get(name) ?? [], then.get(name) ?? []);
  return names.length === 0 ? [versionsOf('')] : names.map((prompt) => ({ prompt, ...versionsOf(prompt) }));
}

function unsplit(group: string): NamedGroup {
  return { name: group, group };
}

function arrivalsIn(now: readonly NamedGroup[], before: readonly NamedGroup[]): Arrivals {
  const earlier = new Set(before.map(({ name }) => name));
  const arrivals = now.filter(({ name }) => !earlier.has(name));
  return { arrivals: arrivals.slice(0, MAX_ARRIVALS), predecessor: before[0] };
}

function byPrompt(answer: MeasureAnswer): ReadonlyMap<string, readonly NamedGroup[]> {
  const prompts = new Map<string, NamedGroup[]>();
  for (const group of groupNames(answer)) {
    const [prompt, name] = readPairName(group);
    const versions = prompts.get(prompt) ?? [];
    versions.push({ name, group });
    prompts.set(prompt, versions);
  }
  return prompts;
}

/** Returns the names of the groups with requests, most requests first. */
function groupNames(answer: MeasureAnswer): readonly string[] {
  return requestedGroups(ARRIVAL_MEASURES, answer).flatMap(({ name }) => name ?? []);
}

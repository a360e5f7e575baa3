import type { Measure } from '../../query/measure-request.js';
import { clean, type ComparedValue } from './change.js';
import { kindOf } from './measure-kinds.js';

/** A group in both answers. Where it is missing, its value is null and its n 0, or null for plain counts. */
export interface ComparedGroup {
  readonly name: string | null;
  readonly current: ComparedValue;
  readonly before: ComparedValue;
}

/** Contribution of a group to the change of the total. All contributions add up to it. */
export interface Contribution {
  /** In the unit of the measure; of a share, in percentage points. Of a share or a mean, `mix` and `rate` together. */
  readonly difference: number;
  /** Share of the change of the total; null if the total did not change. */
  readonly share: number | null;
  /** Part that comes from another size of the group (shares and means only). */
  readonly mix?: number;
  /** The part that comes from another value of the group. */
  readonly rate?: number;
}

/**
 * Returns what each group contributes to the change of the total, in the same order; undefined for measures of which no parts add up: percentiles, people,
 * conversations.
 *
 * Sums: the difference of the group. Shares and means, with weights w = n / N: the change of a group's own value at its mean weight is `rate`,
 * (r1 - r0)(w1 + w0) / 2; the change of its weight at the distance of its mean value from the mean total is `mix`,
 * (w1 - w0)((r1 + r0) / 2 - (R1 + R0) / 2). A group that is missing on one side has no rate of its own there, and all of its change is mix.
 */
export function contributionsOf(
  measure: Measure,
  groups: readonly ComparedGroup[],
): readonly Contribution[] | undefined {
  const kind = kindOf(measure);
  if (kind === 'other') return undefined;
  if (kind !== 'sum') return effectsOf(groups, kind === 'share' ? 100 : 1);
  const differences = groups.map(({ current, before }) => clean((current.value ?? 0) - (before.value ?? 0)));
  return withShares(differences.map((difference) => ({ difference })));
}

function effectsOf(groups: readonly ComparedGroup[], scale: number): readonly Contribution[] | undefined {
  const [weights, weightsBefore] = [weightsOf(groups, 'current'), weightsOf(groups, 'before')];
  if (!weights || !weightsBefore) return undefined;
  const rates = groups.map(({ current, before }) => ({
    now: current.value ?? before.value ?? 0,
    before: before.value ?? current.value ?? 0,
  }));
  let [total, totalBefore] = [0, 0];
  for (const [place, rate] of rates.entries()) {
    total += (weights[place] ?? 0) * rate.now;
    totalBefore += (weightsBefore[place] ?? 0) * rate.before;
  }
  const parts = rates.map((rate, place) => {
    const [weight, weightBefore] = [weights[place] ?? 0, weightsBefore[place] ?? 0];
    const mix = scale * (weight - weightBefore) * ((rate.now + rate.before) / 2 - (total + totalBefore) / 2);
    const own = scale * (rate.now - rate.before) * ((weight + weightBefore) / 2);
    return { difference: clean(mix + own), mix: clean(mix), rate: clean(own) };
  });
  return withShares(parts);
}

/** Returns the share of each group in all that is behind the total; undefined of nothing. */
function weightsOf(
  groups: readonly ComparedGroup[],
  side: 'current' | 'before',
): readonly number[] | undefined {
  const sizes = groups.map((group) => group[side].n ?? 0);
  const all = sizes.reduce((sum, n) => sum + n, 0);
  return all === 0 ? undefined : sizes.map((n) => n / all);
}

function withShares<T extends { readonly difference: number }>(
  parts: readonly T[],
): (T & { readonly share: number | null })[] {
  const total = clean(parts.reduce((sum, { difference }) => sum + difference, 0));
  return parts.map((part) => ({ ...part, share: total === 0 ? null : clean(part.difference / total) }));
}

import type { NewRecord } from '../../../src/server/index.js';
import { monthOfRecords, randomNumbers, type Span } from './month.js';

const ORGANIZATIONS = ['acme', 'Größe GmbH', 'none', '', null, undefined, 7] as const;
const PLANS = [{ tier: 'pro' }, ['a', 'b'], 'pro', true] as const;
/** Scores of numbers and texts; some are none. */
const SIZES = [1.5, '2.25', ' 3e2 ', -4, 'large', true, null, 0, 1_000_000.125] as const;

/** Returns a month of records with owners: organizations, properties of every type, and ratings that people changed and took back. */
export function ownedMonth(seed: number, count: number, span: Span): NewRecord[] {
  const random = randomNumbers(seed + 1);
  const pick = <T>(list: readonly T[]): T => list[Math.floor(random() * list.length)] as T;
  const records = monthOfRecords(seed, count, span).map((record, i): NewRecord => {
    const organization = pick(ORGANIZATIONS);
    const size = random() < 0.5 ? pick(SIZES) : Math.round(random() * 1e6) / 1e3;
    return {
      ...record,
      ...(random() < 0.1 && { userId: 'anonymous' }),
      properties: {
        ...record.properties,
        ...(organization !== undefined && { organization_id: organization }),
        ...(random() < 0.5 && { service_version: `1.${i % 13}` }),
        ...(random() < 0.2 && { plan: pick(PLANS) }),
        ...(random() < 0.7 && { size }),
        // Not the property of this name, but one within another.
        ...(random() < 0.05 && { nested: { size: 99, organization_id: 'nested' } }),
      },
    };
  });
  return [...records, ...ratings(records, random)];
}

function ratings(records: readonly NewRecord[], random: () => number): NewRecord[] {
  const answers = records.filter(({ kind }) => kind === 'prompt');
  const says: readonly NewRecord['properties'][] = [
    { score: 1, feedback_type: 'thumbs' },
    { score: -1, feedback_type: 'thumbs' },
    { score: null },
    { cleared: true },
    { score: 0, feedback_type: 'faces' },
    { score: 3, max: 5 },
    { comment: 'Why?' },
    { score: -1, feedback_type: 'thumbs', source: 'reviewer' },
    { score: -1, feedback_type: 'evaluation', name: 'faithful' },
  ];
  return Array.from({ length: answers.length }, (_, i): NewRecord => {
    // Few answers, so that people change their minds.
    const answer = answers[Math.floor(random() ** 3 * answers.length)];
    const late = Math.floor(random() * 4) * 60_000;
    const at = Date.parse(answer?.receivedAt ?? '') + late;
    return {
      kind: 'event',
      id: `rating-${i}`,
      event: 'Feedback',
      userId: random() < 0.8 ? (answer?.userId ?? '') : `fan-${i % 3}`,
      timestamp: new Date(at).toISOString(),
      receivedAt: new Date(at).toISOString(),
      tags: [],
      properties: {
        record_id: random() < 0.02 ? 'gone' : (answer?.id ?? ''),
        ...says[Math.floor(random() * says.length)],
      },
    };
  });
}

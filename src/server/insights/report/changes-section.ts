import { formatCount } from '../../model/measure/format-numbers.js';
import type {
  Arrival,
  ChangesSummary,
  DimensionChanges,
  Quality,
  QualityMeasure,
} from '../summary/summary.js';
import { changeRow, changeText, formatValue, type Format } from './change-text.js';
import type { ReportRow, ReportSection } from './report.js';

const MEASURES: Readonly<Record<QualityMeasure, readonly [name: string, format: Format, of?: string]>> = {
  errorRate: ['failed requests', 'share', 'requests'],
  badShare: ['bad answers', 'share', 'rated'],
  latencyP95: ['time in which 95 % are answered', 'seconds'],
  costPerCall: ['cost of a call', 'cost'],
};

const DIMENSIONS: Readonly<Record<DimensionChanges['dimension'], string>> = {
  release: 'Release',
  prompt: 'Prompt',
  prompt_version: 'Version of a prompt',
  model: 'Model',
};

/** Section "What got worse after the prompt or model changed?". */
export function changesSection({ total, dimensions }: ChangesSummary): ReportSection {
  const arrivals = dimensions.flatMap(({ dimension, arrivals: list }) =>
    list.map((arrival) => ({ arrival, name: nameOf(dimension, arrival) })),
  );
  const worse = [
    ...total.risen.map((measure) => risenText(measure, total, 'in all')),
    ...arrivals.flatMap(({ arrival, name }) =>
      arrival.risen.map((measure) => risenText(measure, arrival, `with ${name}`)),
    ),
  ];
  const unknown = dimensions
    .filter(({ isKnown }) => !isKnown)
    .map(({ dimension }) => DIMENSIONS[dimension].toLowerCase());
  return {
    question: 'What got worse after the prompt or the model changed?',
    answer: worse.length === 0 ? 'Nothing rose by more than chance explains.' : `Risen: ${worse.join('; ')}.`,
    tables: [
      { title: 'In all', rows: rowsOf(total) },
      ...arrivals.map(({ arrival, name }) => ({ title: titleOf(arrival, name), rows: rowsOf(arrival) })),
    ],
    notes:
      unknown.length === 0
        ? []
        : [`No record names a ${unknown.join(', a ')}: changes of it cannot be seen.`],
  };
}

function risenText(measure: QualityMeasure, quality: Quality, where: string): string {
  const [name, format] = MEASURES[measure];
  const change = quality[measure];
  return `${name} ${where}: ${formatValue(change.value, format)}, ${changeText(change, format)}`;
}

function nameOf(dimension: DimensionChanges['dimension'], { name, prompt }: Arrival): string {
  return prompt === undefined
    ? `${DIMENSIONS[dimension].toLowerCase()} ${name}`
    : `version ${name} of ${prompt}`;
}

function titleOf({ predecessor, requests }: Arrival, name: string): string {
  const title = `New: ${name}, ${formatCount(requests.value ?? 0, 'request')}`;
  return predecessor === null ? title : `${title}, compared with ${predecessor}`;
}

function rowsOf(quality: Quality): readonly ReportRow[] {
  return Object.entries(MEASURES).map(([measure, [name, format, of]]) =>
    changeRow(name, quality[measure as QualityMeasure], format, of),
  );
}

import { dimensionOf } from '../../../model/measure/dimensions.js';
import { TIME_STEPS, type Measure, type TimeStep } from '../../../query/measure-request.js';
import { measureText, parseMeasure } from '../../../query/parse-measures.js';

/** Choice of the view, as in its URL. Invalid parts of the URL are left out. */
export interface Choice {
  readonly measures: readonly Measure[];
  /** Name of a dimension in the API; empty for none. */
  readonly by: string;
  /** Empty for a table. */
  readonly step: TimeStep | '';
  /** `previous`, `same-weekday`, or filters; empty for no comparison. */
  readonly against: string;
  /** Complete periods alone, not what has elapsed of a running one. */
  readonly isComplete: boolean;
}

const DEFAULT_MEASURES: readonly Measure[] = ['requests', 'people', 'cost', 'errorRate', 'badShare'];
const DEFAULT_BY = 'model';

/** Parameters of the URL that this view has, besides the filters. */
export function choiceOf(params: URLSearchParams): Choice {
  const measures = (params.get('measure') ?? '').split(',').flatMap((text) => measureOf(text) ?? []);
  const by = params.get('by') ?? DEFAULT_BY;
  return {
    measures: measures.length > 0 ? measures : DEFAULT_MEASURES,
    by: by === '' || dimensionOf(by) === undefined ? '' : by,
    step: TIME_STEPS.find((step) => step === params.get('step')) ?? '',
    against: params.get('against') ?? '',
    isComplete: params.get('parts') === 'complete',
  };
}

/** Returns a query of the API: of `compare`, if there is something to compare with, else of `measure`. */
export function choiceQuery(
  { measures, by, step, against, isComplete }: Choice,
  filters: string,
  timeZone: string,
): string {
  const query = new URLSearchParams(filters);
  query.set('measure', measures.map(measureText).join(','));
  if (by !== '') query.set('by', by);
  query.set('timezone', timeZone);
  if (against === '') {
    if (step !== '') query.set('step', step);
    return query.toString();
  }
  query.set('against', against);
  if (isComplete) query.set('parts', 'complete');
  // Without a range of time: the running week.
  if (isPeriod(against) && !query.has('since')) query.set('period', 'week');
  return query.toString();
}

export function isPeriod(against: string): boolean {
  return against === 'previous' || against === 'same-weekday';
}

function measureOf(text: string): Measure | undefined {
  try {
    return text === '' ? undefined : parseMeasure(text);
  } catch {
    return undefined;
  }
}

import { dimensionOf, KNOWN_DIMENSIONS, type Dimension } from '../model/measure/dimensions.js';
import {
  DEFAULT_GROUPS,
  MEASURE_NAMES,
  PROPERTY_FUNCTIONS,
  TIME_STEPS,
  type Measure,
  type MeasureRequest,
  type TimeStep,
} from './measure-request.js';
import { BadQueryError, parseCount } from './parse-query.js';

const MAX_MEASURES = 20;
const MAX_GROUPS = 1000;
const PROPERTY_MEASURE = /^prop\.(.+):([^:]+)$/s;

/** A request as a URL can say it. */
export type ParsedMeasureRequest = MeasureRequest & { readonly by?: Dimension; readonly timeZone: string };

/**
 * Reads `measure` (names of {@link MEASURE_NAMES}, or `prop.<name>:<function>` with the name percent-encoded; separated by commas, or
 * repeated), `by`, `step`, `limit` (10) and `order` (a measure; the default is the first).
 *
 * @param timeZone see `readRequestTimeZone()`
 * @throws BadQueryError
 */
export function parseMeasureRequest(params: URLSearchParams, timeZone: string): ParsedMeasureRequest {
  const measures = parseMeasures(params);
  const by = parseDimension(params);
  const step = parseStep(params);
  const order = params.get('order');
  return {
    measures,
    ...(by !== undefined && { by }),
    ...(step !== undefined && { step }),
    limit: Math.max(1, parseCount(params, 'limit', DEFAULT_GROUPS, MAX_GROUPS)),
    ...(order !== null && order !== '' && { orderBy: parseMeasure(order, 'order') }),
    timeZone,
  };
}

/** Returns the text of a measure in a URL. */
export function measureText(measure: Measure): string {
  return typeof measure === 'string' ? measure : `prop.${encodeName(measure.property)}:${measure.of}`;
}

/** @throws BadQueryError with the name of the parameter */
export function parseMeasure(text: string, parameter = 'measure'): Measure {
  const name = MEASURE_NAMES.find((known) => known === text);
  if (name) return name;
  const [, property = '', given] = PROPERTY_MEASURE.exec(text) ?? [];
  const of = PROPERTY_FUNCTIONS.find((known) => known === given);
  if (of) return { property: decodeName(property), of };
  throw new BadQueryError(
    `${parameter}: there is no measure "${text.slice(0, 60)}". Measures are ${MEASURE_NAMES.join(', ')} and prop.<name>:<function> with ${PROPERTY_FUNCTIONS.join(', ')}`,
  );
}

function parseMeasures(params: URLSearchParams): readonly Measure[] {
  const texts = params.getAll('measure').flatMap((value) => value.split(','));
  const given = [...new Set(texts.map((text) => text.trim()).filter((text) => text !== ''))];
  if (given.length === 0) throw new BadQueryError('measure must name what is counted, such as cost,people');
  if (given.length > MAX_MEASURES) throw new BadQueryError(`measure takes at most ${MAX_MEASURES} measures`);
  return given.map((text) => parseMeasure(text));
}

function parseDimension(params: URLSearchParams): Dimension | undefined {
  const name = params.get('by');
  if (name === null || name === '') return undefined;
  const dimension = dimensionOf(name);
  if (dimension !== undefined) return dimension;
  const names = KNOWN_DIMENSIONS.map((known) => known.name).join(', ');
  throw new BadQueryError(`by must be one of ${names}, or prop.<name> for a property`);
}

function parseStep(params: URLSearchParams): TimeStep | undefined {
  const text = params.get('step');
  if (text === null || text === '') return undefined;
  const step = TIME_STEPS.find((known) => known === text);
  if (!step) throw new BadQueryError(`step must be one of ${TIME_STEPS.join(', ')}`);
  return step;
}

/** Commas separate measures. */
function encodeName(name: string): string {
  return name.replace(/[%,]/g, encodeURIComponent);
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    return name;
  }
}

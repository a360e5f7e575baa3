import type { TracerProvider } from '@opentelemetry/api';
import { idText } from '../common/id-text.js';
import { lookUp } from '../common/unknown-values.js';
import { checkIsObject, type OptionSpec } from '../common/options/define-options.js';
import { environmentVariable } from '../common/options/environment.js';
import { warnUserOnce } from '../common/logger.js';
import { OPTIONS, type TrubricsOptions } from '../config/options.js';
import { MissingOptionError } from '../common/options/missing-option-error.js';
import { HANDLER_OPTIONS, handlerSettings } from '../langchain/options/handler-options.js';
import { oldRuntimeProblem } from '../common/web/old-runtime.js';
import type { RecordSink } from './record-sink.js';
import { acquireSink } from './shared-sinks.js';
import { sinkWithoutDestination } from './sink-without-destination.js';
import { type KnownOptions, splitOptions, type Suspect } from './split-options.js';

const SPECS: ReadonlyMap<string, readonly OptionSpec[]> = new Map(
  [...Object.keys(OPTIONS), ...Object.keys(HANDLER_OPTIONS)].map((name) => [
    name,
    [OPTIONS, HANDLER_OPTIONS].flatMap((table) => lookUp<OptionSpec>(table, name) ?? []),
  ]),
);

const KNOWN: KnownOptions = {
  handler: new Set(Object.keys(HANDLER_OPTIONS)),
  processor: new Set(Object.keys(OPTIONS)),
  secrets: new Set(
    Object.entries<OptionSpec>(OPTIONS).flatMap(([name, { secret }]) => (secret ? [name] : [])),
  ),
  accepts: (option, value) =>
    SPECS.get(option)?.some(({ check }) => check(value)) ?? idText(value) !== undefined,
};

/**
 * Returns the sink for these options, and those that the handler itself takes.
 *
 * @throws TypeError for an option of a wrong kind
 */
export function createSink(options: Readonly<Record<string, unknown>>): {
  readonly handlerOptions: Readonly<Record<string, unknown>>;
  readonly sink: RecordSink;
} {
  checkIsObject(options);
  const { handler, processor, suspects } = splitOptions(options, KNOWN);
  // Checked before the sink is acquired, because no handler would release it.
  handlerSettings(handler);
  for (const suspect of suspects) warnUserOnce(describe(suspect));
  const { tracerProvider, ...handlerOptions } = handler;
  return { handlerOptions, sink: openSink(processor, tracerProvider as TracerProvider | undefined) };
}

function openSink(processorOptions: TrubricsOptions, tracerProvider: TracerProvider | undefined): RecordSink {
  const problem = oldRuntimeProblem();
  if (problem !== undefined) return withoutDestination(`${problem}.`, tracerProvider);
  const isSet =
    processorOptions.flushOnExit !== undefined || environmentVariable('TRUBRICS_FLUSH_ON_EXIT') !== undefined;
  try {
    return acquireSink({ ...(!isSet && { flushOnExit: true }), ...processorOptions }, tracerProvider);
  } catch (error) {
    if (!(error instanceof MissingOptionError)) throw error;
    return withoutDestination(error.message, tracerProvider);
  }
}

/** The application runs all the same. */
function withoutDestination(reason: string, tracerProvider: TracerProvider | undefined): RecordSink {
  warnUserOnce(`trubricsHandler() sends nothing. ${reason}`);
  return sinkWithoutDestination(tracerProvider);
}

function describe({ name, option, withheld }: Suspect): string {
  const consequence = withheld ? 'It is ignored.' : 'It becomes metadata of every call.';
  return `trubricsHandler() has no option "${name}"; did you mean "${option}"? ${consequence}`;
}

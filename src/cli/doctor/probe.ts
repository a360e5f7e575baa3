import { createRequire } from 'node:module';
import { INSTRUMENTATION_SCOPE, wasProcessed } from '../../common/spans/processed-spans.js';

/** OpenTelemetry state of a process that has loaded a file of instrumentation. */
export interface ProbeResult {
  /** False: no tracer provider is registered. */
  readonly hasProvider: boolean;
  /** False: the spans of the provider are not recorded, because of its sampler. */
  readonly isRecording: boolean;
  readonly hasProcessor: boolean;
  readonly hasExporter: boolean;
}

/** Begins the line of the result: the file that was loaded may print as well. */
export const RESULT_MARK = 'trubrics-doctor:';

/** Members of OpenTelemetry's API that are used here. */
interface TraceApi {
  readonly trace: {
    getTracerProvider(): object & { getDelegate?(): object };
    getTracer(name: string): { startSpan(name: string): object & { isRecording(): boolean } };
  };
}

/** Prints what this process sees. It is started by `doctor` with the file loaded before, and ends at once. */
export function printProbe(): void {
  process.stdout.write(`\n${RESULT_MARK}${JSON.stringify(probe())}\n`, () => process.exit(0));
}

function probe(): ProbeResult {
  const { trace } = createRequire(`${process.cwd()}/`)('@opentelemetry/api') as TraceApi;
  const provider = trace.getTracerProvider();
  // Never ended, so that no exporter gets it. Our processor marks spans of this scope when they start.
  const span = trace.getTracer(INSTRUMENTATION_SCOPE).startSpan('doctor');
  const names = classNamesIn(provider);
  return {
    hasProvider:
      provider.getDelegate === undefined || provider.getDelegate().constructor.name !== 'NoopTracerProvider',
    isRecording: span.isRecording(),
    hasProcessor: wasProcessed(span) || names.has('TrubricsSpanProcessor'),
    hasExporter: names.has('TrubricsSpanExporter'),
  };
}

/** Objects that are looked at in a provider. */
const MAX_OBJECTS = 20_000;

/** Returns the names of the classes of all objects that a provider refers to. */
function classNamesIn(provider: object & { getDelegate?(): object }): ReadonlySet<string> {
  const names = new Set<string>();
  const found = new Set<object>([provider, provider.getDelegate?.() ?? provider]);
  for (const value of found) {
    names.add(value.constructor?.name ?? '');
    if (found.size > MAX_OBJECTS) break;
    // Descriptors, because getters of others must not run.
    for (const { value: member } of Object.values(Object.getOwnPropertyDescriptors(value)))
      if (typeof member === 'object' && member !== null) found.add(member as object);
  }
  return names;
}

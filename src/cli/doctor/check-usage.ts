import { type Finding, ok, problem, warning } from './finding.js';
import { copiesOf, filesWith, type Project, variable } from './project.js';
import { majorOf } from './check-versions.js';

const REGISTER = 'opentelemetry-exporter-trubrics/register';

/** Code that gives spans to us, or makes records without spans. */
const RECORDS = /\b(?:TrubricsSpanProcessor|TrubricsSpanExporter|trubricsHandler|TrubricsClient)\b/;
/** Code that needs a tracer provider. */
const NEEDS_PROVIDER = /\b(?:TrubricsSpanProcessor|TrubricsSpanExporter)\b/;
/** Code that only makes spans. */
const MAKES_SPANS = /\b(?:TrubricsCallbackHandler|instrumentLangChain)\b/;
/** Code that makes a tracer provider; several register it by themselves. */
const OWN_PROVIDER = /\bnew (?:NodeTracerProvider|BasicTracerProvider|WebTracerProvider|TracerProvider)\b/;
const NODE_SDK = /\bnew NodeSDK\b/;
const WRAPPED_PROVIDER =
  /\bregisterOTel\b|\bSentry\.init\b|\buseAzureMonitor\b|\bLangfuseSpanProcessor\b|\bObservability\b|\bBunSDK\b|@(?:vercel\/otel|sentry\/|azure\/monitor|traceloop\/|lmnr-ai\/)/;

/** Checks, in the sources, that something records and that the spans come to it. */
export function checkUsage(project: Project): Finding[] {
  return [...checkRecorder(project), ...checkNeighbours(project)];
}

function checkRecorder(project: Project): Finding[] {
  if (usesRegister(project)) return [ok('processor', `${REGISTER} records LangChain.js`)];
  const [recorder] = filesWith(project, RECORDS);
  const [maker] = filesWith(project, MAKES_SPANS);
  if (recorder === undefined && maker !== undefined)
    return [
      problem(
        'processor',
        `${maker} makes spans of LangChain.js, and nothing makes records of them`,
        'Add new TrubricsSpanProcessor() to the tracer provider, or use trubricsHandler() of opentelemetry-exporter-trubrics/standalone instead.',
      ),
    ];
  if (recorder === undefined) return [checkOtlp(project)];
  const uses = ok('processor', `${recorder} uses the package`);
  return filesWith(project, NEEDS_PROVIDER).length > 0 ? [uses, ...checkProvider(project)] : [uses];
}

function usesRegister(project: Project): boolean {
  const options = variable(project, 'NODE_OPTIONS') ?? '';
  const lines = [...project.scripts, options];
  return lines.some((line) => line.includes(REGISTER)) || filesWith(project, new RegExp(REGISTER)).length > 0;
}

/** An application of any language can send its spans to the server, and has none of our code. */
function checkOtlp(project: Project): Finding {
  const endpoint =
    variable(project, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT') ??
    variable(project, 'OTEL_EXPORTER_OTLP_ENDPOINT');
  if (endpoint !== undefined)
    return warning(
      'processor',
      'no file here uses the package; spans leave by OTLP',
      'That is right if OTEL_EXPORTER_OTLP_ENDPOINT leads to a Trubrics server. Otherwise add new TrubricsSpanProcessor() to the tracer provider.',
    );
  const [importer] = filesWith(project, /['"]opentelemetry-exporter-trubrics['"/]/);
  return problem(
    'processor',
    importer === undefined
      ? 'no file here uses the package'
      : `${importer} uses the package, and nothing here makes records`,
    `Add new TrubricsSpanProcessor() to the tracer provider, pass trubricsHandler() to LangChain.js, or start with node --import ${REGISTER}. The README has a start for each.`,
  );
}

function checkProvider(project: Project): Finding[] {
  const [ownProvider] = filesWith(project, OWN_PROVIDER);
  const [nodeSdk] = filesWith(project, NODE_SDK);
  if (ownProvider === undefined && nodeSdk === undefined) {
    if (filesWith(project, WRAPPED_PROVIDER).length > 0) return [];
    return [
      problem(
        'provider',
        'no file makes a tracer provider, so that no span comes to the processor',
        'Make one, for instance new NodeSDK({ spanProcessors: [new TrubricsSpanProcessor()] }).start()',
      ),
    ];
  }
  if (nodeSdk !== undefined && filesWith(project, /\.start\(\s*\)/).length === 0)
    return [problem('provider', `${nodeSdk} makes a NodeSDK and does not start it`, 'Call sdk.start()')];
  const isRegistered = filesWith(project, /\.register\(|setGlobalTracerProvider\(|tracerProvider/).length > 0;
  if (nodeSdk === undefined && !isRegistered)
    return [
      problem(
        'provider',
        `${ownProvider} makes a tracer provider and does not register it`,
        'Call provider.register(), or trace.setGlobalTracerProvider(provider)',
      ),
    ];
  return [];
}

/** Libraries that keep spans from every processor, or make them more than once. */
function checkNeighbours(project: Project): Finding[] {
  return [
    ...checkSentry(project),
    ...checkTelemetryOfAiSdk(project),
    ...(copiesOf(project, 'dd-trace').length > 0
      ? [
          warning(
            'neighbours',
            'dd-trace calls no OpenTelemetry processor',
            'Give the application a NodeTracerProvider of its own, or use trubricsHandler() with LangChain.js.',
          ),
        ]
      : []),
    ...(copiesOf(project, '@traceloop/instrumentation-langchain').length > 0 &&
    filesWith(project, MAKES_SPANS).length > 0
      ? [
          warning(
            'neighbours',
            '@traceloop/instrumentation-langchain removes callbacks of others inside chains and agents',
            'Disable it, or let its own spans be recorded instead of ours.',
          ),
        ]
      : []),
  ];
}

function checkSentry(project: Project): Finding[] {
  const [sentry] = copiesOf(project, '@sentry/node');
  if (!sentry) return [];
  const first = project.sources.find(({ code }) => code.includes('openTelemetrySpanProcessors'));
  if (first === undefined) return [];
  if (Number(majorOf(sentry.version)) >= 11)
    return [
      problem(
        'neighbours',
        `@sentry/node ${sentry.version} calls no OpenTelemetry processor`,
        'Use @sentry/node@10, or a NodeTracerProvider of your own beside it.',
      ),
    ];
  // Without `dsn`, Sentry takes the variable.
  const [, name = 'SENTRY_DSN'] = /\bdsn\s*:\s*process\.env\.(\w+)/.exec(first.code) ?? [];
  const isNamed = /\bdsn\s*(?:[,}]|:(?!\s*process\.env\.\w+\s*[,}]))/.test(first.code);
  if (isNamed || variable(project, name) !== undefined) return [];
  return [
    warning(
      'neighbours',
      `Sentry has no dsn here (${name} is not set), and makes no spans of LLM calls without one`,
      `In the terminal of the application, set ${name} to the DSN of your project.`,
    ),
  ];
}

/** The AI SDK 7 keeps what was registered in a list of the process, and calls all of it for each call of a model. */
function checkTelemetryOfAiSdk(project: Project): Finding[] {
  const filesOf = new Map<string, string[]>();
  for (const { path, code } of project.sources)
    for (const [, listener = ''] of code.matchAll(/\bregisterTelemetry\(\s*(?:new\s+([\w.]+))?/g))
      filesOf.set(listener, [...(filesOf.get(listener) ?? []), path]);
  const repeated = [...filesOf.values()].find((files) => files.length > 1);
  if (!repeated) return [];
  const files = [...new Set(repeated)];
  return [
    warning(
      'neighbours',
      `registerTelemetry() is called ${repeated.length} times in ${files.slice(0, 3).join(', ')}: the spans of a call are made once for each`,
      'Call it in one file that is loaded once, such as that which starts tracing.',
    ),
  ];
}

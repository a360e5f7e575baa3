import { type Finding, warning } from './finding.js';
import { filesThatLoad, filesWith, type Project, variable } from './project.js';

/** Code that gives spans to us. Without it, `checkUsage()` has said what is missing. */
const READS_SPANS = /\b(?:TrubricsSpanProcessor|TrubricsSpanExporter)\b/;

/** Code that writes calls on spans by itself, or asks a library to do so. */
const OWN_SPANS =
  /gen_ai\.|\bgen_ai_|experimental_telemetry|registerTelemetry|wrapOpenAI|observeOpenAI|wrapSDK|instrumentOpenAi/;

/** Packages that make spans of the calls of several libraries, or bring instrumentations that do. */
const GENERAL =
  /^(?:@opentelemetry\/auto-instrumentations-node|@traceloop\/|@langfuse\/|@sentry\/|@azure\/monitor-opentelemetry|openlit$|langwatch$|@lmnr-ai\/|langsmith$|braintrust$|@posthog\/ai$|@respan\/|@elastic\/opentelemetry-node|@google-cloud\/opentelemetry|newrelic$|dd-trace$)/;

interface Library {
  /** Pattern of its modules. */
  readonly modules: string;
  readonly name: string;
  /** Packages that make spans of its calls. */
  readonly tracedBy: RegExp;
  /** Code that makes spans of its calls. */
  readonly tracedIn?: RegExp;
  readonly advice: string;
}

const INSTALL =
  'Install an instrumentation of it, and give its option for prompts and answers: docs/compatibility.md.';

function provider(name: string, instrumented: string): Library {
  return {
    name,
    modules: name,
    tracedBy: new RegExp(`instrumentation-(?:${instrumented})$`),
    advice: INSTALL,
  };
}

const LIBRARIES: readonly Library[] = [
  provider('openai', 'openai'),
  provider('@anthropic-ai/sdk', 'anthropic'),
  provider('@aws-sdk/client-bedrock-runtime', 'bedrock|aws-sdk'),
  provider('@google/genai', 'google-genai|google-generativeai|genai'),
  provider('cohere-ai', 'cohere'),
  provider('together-ai', 'together'),
  {
    name: 'LangChain.js',
    modules: String.raw`@langchain/(?!core\b)[\w./-]+|langchain(?:/[\w./-]+)?`,
    tracedBy: /instrumentation-langchain$/,
    tracedIn: /\b(?:TrubricsCallbackHandler|instrumentLangChain|trubricsHandler)\b|trubrics\/register/,
    advice:
      'Pass new TrubricsCallbackHandler() of opentelemetry-exporter-trubrics/langchain as a callback, or call instrumentLangChain().',
  },
];

/** Checks that something makes spans of the calls to libraries that make none by themselves: a processor alone makes none. */
export function checkUntraced(project: Project): Finding[] {
  if (filesWith(project, READS_SPANS).length === 0 || filesWith(project, OWN_SPANS).length > 0) return [];
  const installed = [...project.packages.keys()];
  const lines = [...project.scripts, variable(project, 'NODE_OPTIONS') ?? ''].join('\n');
  return LIBRARIES.flatMap(({ name, modules, tracedBy, tracedIn, advice }) => {
    const [file] = filesThatLoad(project, modules);
    if (file === undefined || installed.some((other) => tracedBy.test(other))) return [];
    if (tracedIn === undefined && installed.some((other) => GENERAL.test(other))) return [];
    if (tracedIn !== undefined && (filesWith(project, tracedIn).length > 0 || tracedIn.test(lines)))
      return [];
    return [warning('untraced', `${file} uses ${name}, and nothing here makes spans of its calls`, advice)];
  });
}

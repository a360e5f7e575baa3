import { contentAdvice } from '../../reading/advice/content-advice.js';
import { type Finding, ok, problem, warning } from './finding.js';
import { copiesOf, filesWith, type Project, variable } from './project.js';

const CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
const OFF = /^(?:false|0|no_content|none|off)$/i;
const ON = /^(?:true|1|span_only|event_only|span_and_event)$/i;

/** An instrumentation whose content depends on a variable or on an option in code. */
interface Instrumentation {
  /** Beginning of the names of its packages. */
  readonly package: string;
  /** Name of its scope, for the advice. */
  readonly scope: string;
  /** Variables that switch content off, with the values that do. */
  readonly off?: Readonly<Record<string, RegExp>>;
  /** Without one of these, there is no content. */
  readonly needs?: { readonly variables?: readonly string[]; readonly code?: RegExp };
  /** Code that switches content off. */
  readonly offInCode?: RegExp;
}

const INSTRUMENTATIONS: readonly Instrumentation[] = [
  {
    package: '@opentelemetry/instrumentation-openai',
    scope: '@opentelemetry/instrumentation-openai',
    off: { [CAPTURE]: OFF },
    needs: { variables: [CAPTURE], code: /captureMessageContent\s*:\s*true/ },
  },
  {
    package: '@elastic/opentelemetry-instrumentation-openai',
    scope: '@elastic/opentelemetry-instrumentation-openai',
    off: { [CAPTURE]: OFF },
    needs: { variables: [CAPTURE], code: /captureMessageContent\s*:\s*true/ },
  },
  {
    package: '@azure-rest/ai-inference',
    scope: '@azure/ai-inference-rest',
    needs: { variables: ['AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED'] },
  },
  {
    package: '@traceloop/',
    scope: '@traceloop/',
    off: { TRACELOOP_TRACE_CONTENT: /^false$/i },
    offInCode: /traceContent\s*:\s*false/,
  },
  {
    package: '@arizeai/openinference-',
    scope: '@arizeai/openinference',
    off: {
      OPENINFERENCE_HIDE_INPUTS: /^true$/i,
      OPENINFERENCE_HIDE_OUTPUTS: /^true$/i,
      OPENINFERENCE_HIDE_INPUT_MESSAGES: /^true$/i,
      OPENINFERENCE_HIDE_OUTPUT_MESSAGES: /^true$/i,
    },
    offInCode: /hide(?:Inputs|Outputs|InputMessages|OutputMessages)\s*:\s*true/,
  },
  {
    package: '@google/adk',
    scope: 'gcp.vertex.agent',
    off: { ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS: /^(?:false|0)$/i },
  },
  {
    package: '@sentry/node',
    scope: '@sentry/node',
    needs: { code: /sendDefaultPii\s*:\s*true|recordInputs\s*:\s*true/ },
  },
  { package: 'openlit', scope: '@openlit/', offInCode: /captureMessageContent\s*:\s*false/ },
  { package: 'langwatch', scope: 'langwatch', offInCode: /dataCapture\s*:\s*['"]none/ },
  {
    package: '@tanstack/ai',
    scope: 'tanstack',
    needs: { code: /captureContent\s*:\s*true/ },
  },
  {
    package: 'ai',
    scope: 'vercel_ai_sdk',
    needs: { code: /experimental_telemetry|registerTelemetry/ },
    offInCode: /record(?:Inputs|Outputs)\s*:\s*false/,
  },
  {
    package: 'opentelemetry-exporter-trubrics',
    scope: 'opentelemetry-exporter-trubrics',
    off: { [CAPTURE]: OFF },
    offInCode: /\bcontent\s*:\s*['"]none/,
  },
];

/** Checks that the instrumentations that are installed write prompts and answers on their spans. */
export function checkContent(project: Project): Finding[] {
  const findings = INSTRUMENTATIONS.flatMap((row) => {
    const name = [...project.packages.keys()].find((installed) => isOf(row, installed));
    return name === undefined ? [] : checkInstrumentation(project, row, name);
  });
  return [...findings, ...checkLangSmith(project)];
}

/** A whole name, or the beginning of several. */
function isOf(row: Instrumentation, installed: string): boolean {
  return /[-/]$/.test(row.package) ? installed.startsWith(row.package) : installed === row.package;
}

function checkInstrumentation(project: Project, row: Instrumentation, name: string): Finding[] {
  const advice = sentence(contentAdvice(row.scope));
  for (const [variableName, off] of Object.entries(row.off ?? {})) {
    const value = variable(project, variableName);
    if (value !== undefined && off.test(value))
      return [problem('content', `${name} writes no prompts and answers: ${variableName}=${value}`, advice)];
  }
  const [offFile] = row.offInCode ? filesWith(project, row.offInCode) : [];
  if (offFile !== undefined)
    return [warning('content', `${offFile} may switch off prompts and answers of ${name}`, advice)];
  const { needs } = row;
  if (!needs) return [];
  const isOn =
    needs.variables?.some((variableName) => ON.test(variable(project, variableName) ?? '')) === true ||
    (needs.code !== undefined && filesWith(project, needs.code).length > 0);
  if (isOn)
    return [ok('content', `${name} is told to write prompts and answers`), ...checkLogRecords(project, name)];
  return [problem('content', `${name} writes no prompts and answers unless it is told to`, advice)];
}

/** Two instrumentations write messages to log records. */
function checkLogRecords(project: Project, name: string): Finding[] {
  if (!name.endsWith('instrumentation-openai')) return [];
  if (filesWith(project, /TrubricsSpanProcessor/).length === 0) return [];
  if (filesWith(project, /TrubricsLogRecordProcessor/).length > 0) return [];
  return [
    problem(
      'content',
      `${name} writes prompts and answers to log records, which nothing here reads`,
      'Add new TrubricsLogRecordProcessor(spanProcessor) to the logger provider: docs/compatibility.md, Content in log records.',
    ),
  ];
}

/** `langsmith` is installed with `@langchain/core`: it concerns only those who ask it for spans. */
function checkLangSmith(project: Project): Finding[] {
  if (copiesOf(project, 'langsmith').length === 0) return [];
  if (!/^true$/i.test(variable(project, 'LANGSMITH_OTEL_ENABLED') ?? '')) return [];
  const hidden = ['LANGSMITH_HIDE_INPUTS', 'LANGSMITH_HIDE_OUTPUTS'].find((name) =>
    /^true$/i.test(variable(project, name) ?? ''),
  );
  if (hidden === undefined) return [];
  return [
    problem(
      'content',
      `langsmith writes no prompts and answers: ${hidden}=true`,
      sentence(contentAdvice('langsmith')),
    ),
  ];
}

function sentence(text: string): string {
  return `${text.charAt(0).toUpperCase()}${text.slice(1)}.`;
}

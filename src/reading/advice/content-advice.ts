/**
 * Advice that makes a library write prompts and answers on its spans, as the end of "no prompt and no answer: …"; then beginnings of the
 * names of its instrumentation scopes, and names of dialects.
 */
type ContentSwitch = readonly [advice: string, ...of: string[]];

const OTEL_CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
const OPENINFERENCE =
  'unset OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_OUTPUTS, or traceConfig with hideInputs';
const TRACELOOP = 'unset TRACELOOP_TRACE_CONTENT, or set traceContent: true in initialize()';
const RECORD_BOTH = 'without recordInputs: false and recordOutputs: false';

/** The first that fits is used. Scopes come before dialects that several libraries write. Test: test/reading/advice/content-advice.test.ts. */
const SWITCHES: readonly ContentSwitch[] = [
  [
    `set the option content of the handler to "span" or "trubrics", and ${OTEL_CAPTURE} to nothing or true`,
    'opentelemetry-exporter-trubrics',
  ],
  [
    `set captureMessageContent: true or ${OTEL_CAPTURE}=true, and add a TrubricsLogRecordProcessor to the logger provider: the messages are in log records`,
    '@opentelemetry/instrumentation-openai',
    '@elastic/opentelemetry-instrumentation-openai',
  ],
  [
    'this instrumentation writes none: use another, such as @arizeai/openinference-instrumentation-bedrock',
    '@opentelemetry/instrumentation-aws-sdk',
  ],
  ['set AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED=true', '@azure/'],
  ["set openTelemetry: { traces: { contentMode: 'content' } } on the client", 'com.anthropic.sdk'],
  ['set sendDefaultPii: true in Sentry.init(), or recordInputs and recordOutputs', '@sentry/', 'sentry'],
  [
    'set OTEL_LOG_USER_PROMPTS=1 and ENABLE_BETA_TRACING_DETAILED=1',
    'com.anthropic.claude_code',
    'claude_code',
  ],
  [OPENINFERENCE, '@arizeai/', 'openinference'],
  [TRACELOOP, '@traceloop/', 'traceloop'],
  ['leave recordInput and recordOutput of the instrumentation on', 'lmnr', 'laminar'],
  [`call registerTelemetry() of the AI SDK, ${RECORD_BOTH}`, 'gen_ai@'],
  [
    `set experimental_telemetry: { isEnabled: true } on the call or, with AI SDK 7, call registerTelemetry(), ${RECORD_BOTH}; ` +
      'with Sentry, also set sendDefaultPii: true',
    'ai',
    'vercel_ai_sdk',
  ],
  ['leave out captureMessageContent: false', '@openlit/', 'openlit'],
  ['unset ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS, or set it to true', 'gcp.vertex.agent', 'google_adk'],
  ["leave out dataCapture: 'none'", 'langwatch'],
  ['unset LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS', 'langsmith'],
  ['leave out include_content=False', 'pydantic-ai', 'pydantic_ai'],
  [`call logfire.instrument_openai(); for Google GenAI, also set ${OTEL_CAPTURE}=true`, 'logfire'],
  ['use otelMiddleware({ captureContent: true })', 'tanstack'],
];

const ANY = `let the instrumentation record content, for instance ${OTEL_CAPTURE}=true or captureContent: true`;

/**
 * Returns what to change so that a library writes prompts and answers on its spans, as the second half of a sentence. `scope` is the
 * name of the instrumentation scope of the span.
 */
export function contentAdvice(scope: string, dialect?: string): string {
  return adviceFor(scope) ?? adviceFor(scope === 'gen_ai' ? 'gen_ai@' : dialect) ?? ANY;
}

function adviceFor(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return SWITCHES.find(([, ...of]) => of.some((start) => fits(name, start)))?.[0];
}

/** Short names are those of whole scopes: `ai` is no beginning of `ai-gateway`. */
function fits(name: string, start: string): boolean {
  return start.length <= 3 ? name === start : name.startsWith(start);
}

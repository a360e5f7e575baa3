/** A library that makes spans of LLM calls, and what makes it write prompts and answers on them. */
interface ContentSwitch {
  /** Beginnings of the names of its instrumentation scopes, and names of dialects. */
  readonly of: readonly string[];
  /** Completes "no prompt and no answer: …". */
  readonly advice: string;
}

const OTEL_CAPTURE = 'OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT';
const OPENINFERENCE =
  'unset OPENINFERENCE_HIDE_INPUTS and OPENINFERENCE_HIDE_OUTPUTS, or traceConfig with hideInputs';
const TRACELOOP = 'unset TRACELOOP_TRACE_CONTENT, or set traceContent: true in initialize()';
const RECORD_BOTH = 'without recordInputs: false and recordOutputs: false';

/** The first that fits is used. Scopes come before dialects that several libraries write. Test: test/reading/advice/content-advice.test.ts. */
const SWITCHES: readonly ContentSwitch[] = [
  {
    of: ['opentelemetry-exporter-trubrics'],
    advice: `set the option content of the handler to "span" or "trubrics", and ${OTEL_CAPTURE} to nothing or true`,
  },
  {
    of: ['@opentelemetry/instrumentation-openai', '@elastic/opentelemetry-instrumentation-openai'],
    advice: `set captureMessageContent: true or ${OTEL_CAPTURE}=true, and add a TrubricsLogRecordProcessor to the logger provider: the messages are in log records`,
  },
  {
    of: ['@opentelemetry/instrumentation-aws-sdk'],
    advice:
      'this instrumentation writes none: use another one for Bedrock, such as @arizeai/openinference-instrumentation-bedrock',
  },
  { of: ['@azure/'], advice: 'set AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED=true' },
  {
    of: ['com.anthropic.sdk'],
    advice: "set openTelemetry: { traces: { contentMode: 'content' } } on the client",
  },
  {
    of: ['@sentry/', 'sentry'],
    advice: 'set sendDefaultPii: true in Sentry.init(), or recordInputs and recordOutputs',
  },
  {
    of: ['com.anthropic.claude_code', 'claude_code'],
    advice: 'set OTEL_LOG_USER_PROMPTS=1 and ENABLE_BETA_TRACING_DETAILED=1',
  },
  { of: ['@arizeai/', 'openinference'], advice: OPENINFERENCE },
  { of: ['@traceloop/', 'traceloop'], advice: TRACELOOP },
  { of: ['lmnr', 'laminar'], advice: 'leave recordInput and recordOutput of the instrumentation on' },
  { of: ['gen_ai@'], advice: `call registerTelemetry() of the AI SDK, ${RECORD_BOTH}` },
  {
    of: ['ai', 'vercel_ai_sdk'],
    advice:
      `set experimental_telemetry: { isEnabled: true } on the call or, with AI SDK 7, call registerTelemetry(), ${RECORD_BOTH}; ` +
      'with Sentry, also set sendDefaultPii: true',
  },
  { of: ['@openlit/', 'openlit'], advice: 'leave out captureMessageContent: false' },
  {
    of: ['gcp.vertex.agent', 'google_adk'],
    advice: 'unset ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS, or set it to true',
  },
  { of: ['langwatch'], advice: "leave out dataCapture: 'none'" },
  { of: ['langsmith'], advice: 'unset LANGSMITH_HIDE_INPUTS and LANGSMITH_HIDE_OUTPUTS' },
  { of: ['pydantic-ai', 'pydantic_ai'], advice: 'leave out include_content=False' },
  {
    of: ['logfire'],
    advice: `call logfire.instrument_openai(); for Google GenAI, also set ${OTEL_CAPTURE}=true`,
  },
  { of: ['tanstack'], advice: 'use otelMiddleware({ captureContent: true })' },
];

const ANY = `set the instrumentation to record message content, for instance ${OTEL_CAPTURE}=true or captureContent: true`;

/**
 * Returns what to change so that a library writes prompts and answers on its spans, as the second half of a sentence. `scope` is the
 * name of the instrumentation scope of the span.
 */
export function contentAdvice(scope: string, dialect?: string): string {
  return adviceFor(scope) ?? adviceFor(scope === 'gen_ai' ? 'gen_ai@' : dialect) ?? ANY;
}

function adviceFor(name: string | undefined): string | undefined {
  if (name === undefined) return undefined;
  return SWITCHES.find(({ of }) => of.some((start) => fits(name, start)))?.advice;
}

/** Short names are those of whole scopes: `ai` is no beginning of `ai-gateway`. */
function fits(name: string, start: string): boolean {
  return start.length <= 3 ? name === start : name.startsWith(start);
}

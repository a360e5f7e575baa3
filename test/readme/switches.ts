const ON = 'on by default';
const OTEL = '`OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`';
const AI_SDK = '`experimental_telemetry: { isEnabled: true }` on each call';
const AI_SDK_7 = '`registerTelemetry()` of the AI SDK';
const OPENINFERENCE = `${ON} (off: \`OPENINFERENCE_HIDE_INPUTS\`, \`_OUTPUTS\`)`;
const TRACELOOP = `${ON} (off: \`TRACELOOP_TRACE_CONTENT=false\`)`;
const SENTRY = '`tracesSampleRate`, and `sendDefaultPii: true` or `recordInputs` and `recordOutputs`';
const LIVEKIT = '`telemetry.setTracerProvider(provider)`';

/** Switches without which a library makes no spans or writes no messages on them, by the library name of a capture. */
export const SWITCHES: Readonly<Record<string, string>> = {
  'anthropic-sdk-native': "`openTelemetry: { traces: { contentMode: 'content' } }` on the client",
  'azure-rest-ai-inference': '`AZURE_TRACING_GEN_AI_CONTENT_RECORDING_ENABLED=true`',
  'braintrust-attributes': ON,
  'elastic-instrumentation-openai': `${OTEL}, log records`,
  genkit: ON,
  'genkit-live': ON,
  'google-adk': `${ON} (off: \`ADK_CAPTURE_MESSAGE_CONTENT_IN_SPANS=false\`)`,
  'laminar-lmnr': ON,
  'langchain-handler-openinference': OPENINFERENCE,
  'langfuse-openai': ON,
  'langfuse-tracing': ON,
  'langfuse-vercel-5.11.1-on-ai': AI_SDK_7,
  'langsmith-otel': '`LANGSMITH_TRACING=true`, `LANGSMITH_OTEL_ENABLED=true`',
  langtrace: ON,
  langwatch: `${ON} (off: \`dataCapture: 'none'\`)`,
  'litellm-pair': "`callbacks: ['otel']`; the proxy from 1.81: `USE_OTEL_LITELLM_REQUEST_SPAN=true`",
  'livekit-agents': LIVEKIT,
  'logfire-openai-streaming-pair': '`logfire.instrument_openai()`',
  'mastra-bridge': '`observability` with `OtelBridge`',
  mastra: '`observability` with `OtelExporter`',
  'mistral-sdk-native': "`configureTelemetry(client, 'global')` or `registerTracerProvider()`",
  'openinference-instrumentation-anthropic': OPENINFERENCE,
  'openinference-instrumentation-bedrock': OPENINFERENCE,
  'openinference-instrumentation-openai': OPENINFERENCE,
  'openinference-openai-agents': OPENINFERENCE,
  'openinference-text-completion': OPENINFERENCE,
  'openinference-vercel-2.8.1-on-ai': AI_SDK,
  'openinference-vercel-3.2.1-on-ai': AI_SDK_7,
  'openlit-anthropic': ON,
  openlit: `${ON} (off: \`captureMessageContent: false\`)`,
  'otel-instrumentation-openai': '`captureMessageContent: true`, log records',
  'pydantic-ai-v5': '`Agent.instrument_all()` (off: `include_content=False`)',
  'semconv-1.37-details-event': OTEL,
  'sentry-node': SENTRY,
  'sentry-node-on-ai6': SENTRY,
  'strands-agents-ts': ON,
  'tanstack-ai': '`otelMiddleware({ captureContent: true })`',
  'traceloop-0.22.8-on-ai': AI_SDK,
  'traceloop-0.27.0-on-ai': AI_SDK,
  'traceloop-instrumentation-cohere': TRACELOOP,
  'traceloop-llamaindex': TRACELOOP,
  'traceloop-node-server-sdk': TRACELOOP,
  'vercel-ai-sdk': `4–6: ${AI_SDK}; 7: \`registerTelemetry()\``,
  'vercel-ai-sdk-legacyotel': '`registerTelemetry(new LegacyOpenTelemetry())`',
  'voltagent-live': ON,
};

/** A library of which there is no capture, only spans in the form that its source or the test data of other projects shows. */
interface UncapturedLibrary {
  readonly name: string;
  readonly needs: string;
  /** Names of fixtures in `test/fixtures/strangers`. */
  readonly fixtures: readonly string[];
}

export const UNCAPTURED: readonly UncapturedLibrary[] = [
  {
    name: 'Claude Code, Claude Agent SDK: own spans, sent to `/v1/traces`',
    needs:
      '`CLAUDE_CODE_ENABLE_TELEMETRY`, `CLAUDE_CODE_ENHANCED_TELEMETRY_BETA`, `OTEL_LOG_USER_PROMPTS`, `ENABLE_BETA_TRACING_DETAILED` all `1`; `OTEL_TRACES_EXPORTER=otlp`, `OTEL_EXPORTER_OTLP_ENDPOINT`, `BETA_TRACING_ENDPOINT`',
    fixtures: ['cc-detailed-tool-loop'],
  },
  {
    name: 'Claude Agent SDK with OpenInference 0.3.1; prompts as a text, tokens without cached ones',
    needs: OPENINFERENCE,
    fixtures: ['oi-claude-agent-query', 'oi-claude-agent-turn'],
  },
  {
    name: 'Gemini CLI',
    needs: '`GEMINI_TELEMETRY_ENABLED=true`, `GEMINI_TELEMETRY_TRACES_ENABLED=true`',
    fixtures: ['min-gemini-cli'],
  },
  {
    name: 'LiveKit Agents 1.2–1.8 (`@livekit/agents`)',
    needs: LIVEKIT,
    fixtures: ['min-livekit-js-1.2-to-1.6', 'min-livekit-js-1.8-pii', 'min-livekit-js-custom-node-1.8'],
  },
  {
    name: 'Logfire, newest form, and Google GenAI',
    needs: '`logfire.instrument_openai()`; Google GenAI: also ' + OTEL,
    fixtures: ['min-logfire-stream-latest-twice', 'min-logfire-google-genai'],
  },
  {
    name: 'MLflow',
    needs: '`OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`',
    fixtures: ['ml-mlflow-native-chat'],
  },
  {
    name: 'OpenLIT up to 1.7',
    needs: ON,
    fixtures: ['min-openlit-1.7-attribute', 'min-openlit-role-lines-event'],
  },
  {
    name: 'Strands Agents (Python)',
    needs: ON,
    fixtures: ['st-py-latest-details', 'st-py-tool-loop-events'],
  },
];

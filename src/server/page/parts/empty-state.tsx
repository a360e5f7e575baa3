import { toServerUrl } from '../browser/base-path.js';
import { pageSettings } from '../browser/page-settings.js';
import { CopyButton } from './copy-button.js';

/** Instructions for the first record, with the address of this server. */
export function EmptyState() {
  const server = location.origin + toServerUrl('');
  const ingestion = `${server}/api/ingestion`;
  return (
    <div class="empty">
      <h2>Waiting for the first prompt</h2>
      <p class="muted">
        Set the environment of your application, and connect it. Records show up here at once.
      </p>
      <Snippet title="1. In the shell that starts your application" text={environment(ingestion)} />
      <Snippet title="2. LangChain.js: a handler, and one span processor" text={LANGCHAIN} />
      <Snippet title="… or an application that is traced already: only the processor" text={PROCESSOR} />
      <Snippet
        title="… or an application in any language that exports its spans over OTLP/HTTP"
        text={otlp(server)}
      />
      <Snippet title="Just to see one" text={curl(ingestion)} />
    </div>
  );
}

function Snippet({ title, text }: { readonly title: string; readonly text: string }) {
  return (
    <section class="snippet">
      <div class="detail-bar">
        <h3>{title}</h3>
        <span class="spacer" />
        <CopyButton text={text} label={title} />
      </div>
      <pre tabIndex={0}>{text}</pre>
    </section>
  );
}

/** The local server takes any key, that of a team has its own for each project. */
function keyOf(): string {
  return pageSettings().project === undefined ? 'local' : 'YOUR_KEY';
}

function keyHeader(): string {
  return pageSettings().project === undefined
    ? ''
    : `\nexport OTEL_EXPORTER_OTLP_TRACES_HEADERS=x-api-key=${keyOf()}`;
}

function environment(ingestion: string): string {
  return `export TRUBRICS_HOST=${ingestion}\nexport TRUBRICS_API_KEY=${keyOf()}`;
}

function otlp(server: string): string {
  return `export OTEL_EXPORTER_OTLP_TRACES_ENDPOINT=${server}/v1/traces
export OTEL_EXPORTER_OTLP_TRACES_PROTOCOL=http/protobuf${keyHeader()}
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`;
}

const LANGCHAIN = `import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';

const provider = new NodeTracerProvider({ spanProcessors: [new TrubricsSpanProcessor()] });
provider.register();

await model.invoke('Tell me a joke', {
  callbacks: [new TrubricsCallbackHandler({ userId: 'ada' })],
});
await provider.forceFlush();`;

const PROCESSOR = `import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';

new NodeTracerProvider({ spanProcessors: [existing, new TrubricsSpanProcessor()] });`;

function curl(ingestion: string): string {
  return `curl ${ingestion}/publish_llm_events \\
  -H 'x-api-key: ${keyOf()}' -H 'content-type: application/json' \\
  -d '[{"user_id":"ada","prompt":"Tell me a joke","generation":"A span walks into a bar.","assistant_id":"gpt-4o"}]'`;
}

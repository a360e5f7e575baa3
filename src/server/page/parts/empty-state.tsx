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
      <Snippet title="2. LangChain.js: one handler" text={LANGCHAIN} />
      <Snippet title="… or no change of code" text={NO_CODE} />
      <Snippet title="… or an application that is traced already: one span processor" text={PROCESSOR} />
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

function exportTo(signal: 'TRACES' | 'LOGS', url: string): string {
  const name = `export OTEL_EXPORTER_OTLP_${signal}`;
  const header = pageSettings().project === undefined ? '' : `\n${name}_HEADERS=x-api-key=${keyOf()}`;
  return `${name}_ENDPOINT=${url}\n${name}_PROTOCOL=http/protobuf${header}`;
}

function environment(ingestion: string): string {
  const key = pageSettings().project === undefined ? '' : `\nexport TRUBRICS_API_KEY=${keyOf()}`;
  return `export TRUBRICS_HOST=${ingestion}${key}`;
}

function otlp(server: string): string {
  return `${exportTo('TRACES', `${server}/v1/traces`)}
${exportTo('LOGS', `${server}/v1/logs`)}
export OTEL_INSTRUMENTATION_GENAI_CAPTURE_MESSAGE_CONTENT=true`;
}

const LANGCHAIN = `import { trubricsHandler } from 'opentelemetry-exporter-trubrics/standalone';

await model.invoke('Tell me a joke', {
  callbacks: [trubricsHandler()],
  metadata: { user_id: 'ada', thread_id: 'jokes' },
});`;

const NO_CODE = 'node --import opentelemetry-exporter-trubrics/register app.mjs';

const PROCESSOR = `import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';

new NodeSDK({
  spanProcessors: [existing, new TrubricsSpanProcessor({ flushOnExit: true })],
}).start();`;

function curl(ingestion: string): string {
  return `curl ${ingestion}/publish_llm_events \\
  -H 'x-api-key: ${keyOf()}' -H 'content-type: application/json' \\
  -d '[{"user_id":"ada","prompt":"Tell me a joke","generation":"A span walks into a bar.","assistant_id":"gpt-4o"}]'`;
}

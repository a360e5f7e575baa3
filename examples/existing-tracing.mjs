// An application that is traced already: its own exporter stays as it is, ours is added beside it. The LLM span is a child of
// the request's span, and the user that the request's span knows is the user of the record.
// Run it: node examples/existing-tracing.mjs
import { SpanKind, trace } from '@opentelemetry/api';
import { ChatOpenAI } from '@langchain/openai';
import { BatchSpanProcessor, InMemorySpanExporter } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanProcessor } from 'opentelemetry-exporter-trubrics';
import { TrubricsCallbackHandler } from 'opentelemetry-exporter-trubrics/langchain';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const otherBackend = new InMemorySpanExporter(); // in your application: new OTLPTraceExporter()
const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(otherBackend), new TrubricsSpanProcessor()],
});
provider.register();

const model = new ChatOpenAI({
  model: 'gpt-4o-mini',
  configuration: { baseURL: process.env.OPENAI_BASE_URL },
});
await handleRequest({ user: 'grace', question: 'What is OpenTelemetry?' });

await provider.forceFlush();
const sent = otherBackend.getFinishedSpans().map((span) => span.name);
console.log(`The other back end received: ${sent.join(', ')}`);
await laptop.finish();

/** What an HTTP server with instrumentation does for every request. */
async function handleRequest({ user, question }) {
  const tracer = trace.getTracer('web-app');
  await tracer.startActiveSpan(
    'POST /chat',
    { kind: SpanKind.SERVER, attributes: { 'user.id': user } },
    async (span) => {
      const answer = await model.invoke(question, { callbacks: [new TrubricsCallbackHandler()] });
      console.log(answer.text);
      span.end();
    },
  );
}

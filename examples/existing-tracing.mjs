// An application that is already traced: its exporter is unchanged, and our processor is added. The LLM span is a child of
// the request span, and the record gets its user from the request span.
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

/** Handles one request as an instrumented HTTP server does: inside a span that carries the user. */
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

// An OpenTelemetry setup that accepts only exporters: ours behind a BatchSpanProcessor. The LLM span is created by hand, as an
// instrumentation of any other client library would create it.
// Run it: node examples/exporter-only.mjs
import { SpanKind, trace } from '@opentelemetry/api';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { NodeTracerProvider } from '@opentelemetry/sdk-trace-node';
import { TrubricsSpanExporter } from 'opentelemetry-exporter-trubrics';
import { startLaptop } from './support/laptop.mjs';

const laptop = await startLaptop();

const provider = new NodeTracerProvider({
  spanProcessors: [new BatchSpanProcessor(new TrubricsSpanExporter())],
});
provider.register();

const span = trace.getTracer('my-instrumentation').startSpan('chat gpt-4o-mini', {
  kind: SpanKind.CLIENT,
  attributes: {
    'gen_ai.operation.name': 'chat',
    'gen_ai.provider.name': 'openai',
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.conversation.id': 'geography',
    'user.id': 'ada',
  },
});
const response = await fetch(`${process.env.OPENAI_BASE_URL}/chat/completions`, {
  method: 'POST',
  headers: { 'content-type': 'application/json', authorization: `Bearer ${process.env.OPENAI_API_KEY}` },
  body: JSON.stringify({
    model: 'gpt-4o-mini',
    messages: [{ role: 'user', content: 'What is the capital of France?' }],
  }),
});
const completion = await response.json();
const { message, finish_reason } = completion.choices[0];
span.setAttributes({
  'gen_ai.input.messages': JSON.stringify([
    { role: 'user', parts: [{ type: 'text', content: 'What is the capital of France?' }] },
  ]),
  'gen_ai.output.messages': JSON.stringify([
    { role: 'assistant', parts: [{ type: 'text', content: message.content }], finish_reason },
  ]),
  'gen_ai.response.model': completion.model,
  'gen_ai.usage.input_tokens': completion.usage.prompt_tokens,
  'gen_ai.usage.output_tokens': completion.usage.completion_tokens,
});
span.end();

await provider.forceFlush();
await laptop.finish();

// Measures the cost of reading spans: `npm run bench reading`. Both sides of a ratio come from one run on one machine.
import { buildModules } from './support/build-modules.mjs';
import { checkGoal } from './support/goals.mjs';

const load = await buildModules('reading');
const { readLlmCall, roleOf } = await load('reading/dialects/read-llm-call.js');
const { recordCall } = await load('records/calls/record-call.js');
const { DEFAULT_RECORD_SETTINGS } = await load('records/model/record-settings.js');

const WORDS = 'The quick brown fox asks what the capital of Italy is, “why” and since when. ';

/** Upper limit for one span, as a multiple of parsing its content and writing its record as JSON. */
const MAX_RATIO = 2;
/** Upper limit for a span that is not an LLM call, in nanoseconds. */
const MAX_FOREIGN_NS = 1_000;

const WARM_UP_MS = 500;

const results = [];
for (const messages of [1, 100]) {
  for (const [dialect, write] of Object.entries({
    gen_ai: writeGenAi,
    ai_sdk: writeAiSdk,
    openinference: writeOpenInference,
    langfuse: writeLangfuse,
    traceloop: writeTraceloop,
  })) {
    results.push(measureLlmSpan(dialect, messages, write));
  }
}
console.table(results);
const foreign = Object.entries({ http: httpSpan(), database: databaseSpan(), tool: toolSpan() }).map(
  ([span, value]) => ({
    span,
    ns: Math.round(
      nanosecondsOfTwo(
        () => roleOf(value),
        () => roleOf(value),
      )[0],
    ),
  }),
);
console.table(foreign);

for (const { span, ratio } of results)
  checkGoal({
    measured: `reading ${span}`,
    value: ratio,
    unit: 'x',
    limit: MAX_RATIO,
    beside: 'its JSON alone',
  });
for (const { span, ns } of foreign)
  checkGoal({
    measured: `a foreign span: ${span}`,
    value: ns,
    unit: 'ns',
    limit: MAX_FOREIGN_NS,
    beside: 'nothing',
  });

function measureLlmSpan(dialect, count, write) {
  const { attributes, content } = write(conversation(count), `${WORDS}It is Rome.`);
  const span = makeSpan(asSdk(attributes));
  const read = () => recordCall(readLlmCall(span), { span, ancestors: [] }, DEFAULT_RECORD_SETTINGS).record;
  const record = read();
  if (!record.prompt.startsWith('The quick')) throw new Error(`${dialect} was not read`);
  const parse = () => [...content.map((text) => JSON.parse(text)), JSON.stringify(record)];
  // Warms up until V8 has compiled both functions, which takes longer on a busy machine.
  nanoseconds(read, WARM_UP_MS);
  nanoseconds(parse, WARM_UP_MS);
  const [reading, parsing] = nanosecondsOfTwo(read, parse);
  return {
    span: `${dialect}, ${count} message${count === 1 ? '' : 's'}`,
    'read and map (µs)': round(reading / 1e3),
    'parse and stringify (µs)': round(parsing / 1e3),
    ratio: round(reading / parsing),
  };
}

function conversation(count) {
  return Array.from({ length: count }, (_, index) => ({
    role: index % 2 === count % 2 ? 'assistant' : 'user',
    text: `${WORDS.repeat(count === 1 ? 1 : 3)}${index}`,
  })).map((message, index, all) => (index === all.length - 1 ? { ...message, role: 'user' } : message));
}

function writeGenAi(messages, answer) {
  const input = JSON.stringify(
    messages.map(({ role, text }) => ({ role, parts: [{ type: 'text', content: text }] })),
  );
  const output = JSON.stringify([
    { role: 'assistant', parts: [{ type: 'text', content: answer }], finish_reason: 'stop' },
  ]);
  return {
    content: [input, output],
    attributes: {
      'gen_ai.operation.name': 'chat',
      'gen_ai.provider.name': 'openai',
      ...model(),
      'gen_ai.input.messages': input,
      'gen_ai.output.messages': output,
      'user.id': 'u-1',
      'gen_ai.conversation.id': 't-1',
    },
  };
}

function writeAiSdk(messages, answer) {
  const input = JSON.stringify(
    messages.map(({ role, text }) => ({ role, content: [{ type: 'text', text }] })),
  );
  return {
    content: [input],
    attributes: {
      'operation.name': 'ai.generateText.doGenerate fn',
      'ai.operationId': 'ai.generateText.doGenerate',
      'ai.telemetry.functionId': 'fn',
      'ai.telemetry.metadata.userId': 'u-1',
      'ai.telemetry.metadata.sessionId': 't-1',
      'ai.telemetry.metadata.tier': 'gold',
      'ai.model.provider': 'openai.chat',
      'ai.model.id': 'gpt-4o-mini',
      'ai.prompt.messages': input,
      'ai.response.text': answer,
      'ai.response.providerMetadata': '{"openai":{}}',
      'ai.usage.totalTokens': 51,
      ...model(),
    },
  };
}

function writeOpenInference(messages, answer) {
  const request = JSON.stringify({
    model: 'gpt-4o-mini',
    messages: messages.map(({ role, text }) => ({ role, content: text })),
  });
  const response = JSON.stringify({
    id: 'r-1',
    choices: [{ index: 0, message: { role: 'assistant', content: answer }, finish_reason: 'stop' }],
  });
  const flattened = messages.flatMap(({ role, text }, index) => [
    [`llm.input_messages.${index}.message.role`, role],
    [`llm.input_messages.${index}.message.content`, text],
  ]);
  return {
    content: [request, response],
    attributes: {
      'openinference.span.kind': 'LLM',
      'llm.model_name': 'gpt-4o-mini',
      'llm.invocation_parameters': '{"model":"gpt-4o-mini","temperature":0.2}',
      'input.value': request,
      'input.mime_type': 'application/json',
      'output.value': response,
      'output.mime_type': 'application/json',
      ...Object.fromEntries(flattened),
      'llm.output_messages.0.message.role': 'assistant',
      'llm.output_messages.0.message.content': answer,
      'llm.token_count.prompt': 42,
      'llm.token_count.completion': 9,
      'user.id': 'u-1',
      'session.id': 't-1',
    },
  };
}

function writeLangfuse(messages, answer) {
  const input = JSON.stringify(messages.map(({ role, text }) => ({ role, content: text })));
  const output = JSON.stringify({ role: 'assistant', content: answer });
  const parameters = '{"temperature":0.2,"max_tokens":100}';
  const usage = '{"input":42,"output":9,"total":51}';
  return {
    content: [input, output, parameters, usage],
    attributes: {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.input': input,
      'langfuse.observation.output': output,
      'langfuse.observation.model.name': 'gpt-4o-mini',
      'langfuse.observation.model.parameters': parameters,
      'langfuse.observation.usage_details': usage,
      'langfuse.observation.metadata.tier': 'gold',
      'user.id': 'u-1',
      'session.id': 't-1',
    },
  };
}

function writeTraceloop(messages, answer) {
  const { content, attributes } = writeGenAi(messages, answer);
  const { 'user.id': user, 'gen_ai.conversation.id': thread, ...others } = attributes;
  return {
    content,
    attributes: {
      ...others,
      'gen_ai.system': 'Anthropic',
      'llm.request.type': 'chat',
      'llm.usage.total_tokens': 51,
      'traceloop.association.properties.user_id': user,
      'traceloop.association.properties.thread_id': thread,
      'traceloop.association.properties.tier': 'gold',
    },
  };
}

function model() {
  return {
    'gen_ai.request.model': 'gpt-4o-mini',
    'gen_ai.request.temperature': 0.2,
    'gen_ai.response.model': 'gpt-4o-mini-2024-07-18',
    'gen_ai.response.id': 'r-1',
    'gen_ai.response.finish_reasons': ['stop'],
    'gen_ai.usage.input_tokens': 42,
    'gen_ai.usage.output_tokens': 9,
  };
}

function httpSpan() {
  return makeSpan({
    'http.request.method': 'POST',
    'url.full': 'http://localhost/v1/chat',
    'url.path': '/v1/chat',
    'server.address': 'localhost',
    'server.port': 80,
    'http.response.status_code': 200,
    'user_agent.original': 'test',
    'network.peer.address': '127.0.0.1',
  });
}

function databaseSpan() {
  return makeSpan({ 'db.system.name': 'postgresql', 'db.query.text': 'SELECT 1', 'db.namespace': 'app' });
}

function toolSpan() {
  return makeSpan({ 'gen_ai.operation.name': 'execute_tool', 'gen_ai.tool.name': 'get_weather' });
}

/** Builds attributes one by one, as the SDK does: V8 stores such an object in another way than a literal. */
function asSdk(attributes) {
  const collected = {};
  for (const [name, value] of Object.entries(attributes)) collected[name] = value;
  return collected;
}

function makeSpan(attributes) {
  return {
    name: 'span',
    kind: 2,
    spanContext: () => ({
      traceId: '0af7651916cd43dd8448eb211c80319c',
      spanId: 'b7ad6b7169203331',
      traceFlags: 1,
    }),
    startTime: [1_767_000_000, 0],
    endTime: [1_767_000_001, 500_000_000],
    status: { code: 0 },
    attributes,
    events: [],
    resource: { attributes: { 'service.name': 'bench' } },
    instrumentationScope: { name: 'bench' },
  };
}

/**
 * Measures two functions in turns, so that other load meets both, and returns the best round of each. The rounds are many and short,
 * because a shared machine is idle for moments only.
 */
function nanosecondsOfTwo(first, second) {
  const rounds = Array.from({ length: 60 }, () => [nanoseconds(first), nanoseconds(second)]);
  return [0, 1].map((which) => Math.min(...rounds.map((round) => round[which])));
}

function nanoseconds(run, budgetMs = 8) {
  for (let warm = 0; warm < 20; warm += 1) run();
  let runs = 0;
  const start = performance.now();
  let now = start;
  while (now - start < budgetMs) {
    for (let batch = 0; batch < 20; batch += 1) run();
    runs += 20;
    now = performance.now();
  }
  return ((now - start) * 1e6) / runs;
}

function round(value) {
  return Math.round(value * 100) / 100;
}

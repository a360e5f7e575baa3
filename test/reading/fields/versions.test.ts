import { expect, test } from 'vitest';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { makeChatSpan } from '../../support/span.js';

const propertiesOf = (attributes: Record<string, unknown>, resource: Record<string, unknown> = {}) =>
  toPromptRecords([{ ...makeChatSpan({ attributes }), resource: { attributes: resource } }])[0]?.properties;

test.each<[string, Record<string, unknown>, string, string]>([
  ['this package', { 'trubrics.prompt.name': 'greet', 'trubrics.prompt.version': '7' }, 'greet', '7'],
  [
    'Langfuse',
    { 'langfuse.observation.prompt.name': 'greet', 'langfuse.observation.prompt.version': 7 },
    'greet',
    '7',
  ],
  ['the conventions', { 'gen_ai.prompt.name': 'greet', 'gen_ai.prompt.version': 'v2' }, 'greet', 'v2'],
  ['Traceloop', { 'traceloop.prompt.key': 'greet', 'traceloop.prompt.version': 3 }, 'greet', '3'],
  [
    'Traceloop, with a hash alone',
    { 'traceloop.prompt.key': 'greet', 'traceloop.prompt.version_hash': 'a1' },
    'greet',
    'a1',
  ],
  ['OpenInference', { 'prompt.id': 'greet', 'llm.prompt_template.version': 'v1.0' }, 'greet', 'v1.0'],
  [
    'LangWatch',
    { 'langwatch.prompt.handle': 'greet', 'langwatch.prompt.id': 'p1', 'langwatch.prompt.version.number': 6 },
    'greet',
    '6',
  ],
  ['metadata', { 'trubrics.metadata': '{"prompt_name":"greet","prompt_version":"4"}' }, 'greet', '4'],
  [
    'metadata in camel case',
    { 'trubrics.metadata': '{"promptName":"greet","promptVersion":4}' },
    'greet',
    '4',
  ],
  [
    'a prompt of Langfuse in the metadata',
    { 'trubrics.metadata': '{"langfusePrompt":{"name":"greet","version":5}}' },
    'greet',
    '5',
  ],
])('name and version of a prompt that %s writes are read', (_name, attributes, name, version) => {
  expect(propertiesOf(attributes)).toMatchObject({ prompt_name: name, prompt_version: version });
});

test('the AI SDK passes a prompt of Langfuse on as JSON', () => {
  const call = {
    'ai.operationId': 'ai.generateText.doGenerate',
    'ai.prompt.messages': '[{"role":"user","content":[{"type":"text","text":"Hi"}]}]',
    'ai.response.text': 'Hello',
    'ai.telemetry.metadata.langfusePrompt': '{"name":"greet","version":9,"prompt":"You are …"}',
  };
  const span = { ...makeChatSpan({ attributes: call }), attributes: call };
  expect(toPromptRecords([span])[0]?.properties).toMatchObject({ prompt_name: 'greet', prompt_version: '9' });
});

const WHOLE = JSON.stringify({ name: 'greet', version: 9, prompt: 'You are a pirate', config: { top: 1 } });

test.each([
  ['trubrics', { 'trubrics.metadata': `{"langfusePrompt":${WHOLE},"plan":"pro"}` }],
  [
    'openinference',
    {
      'openinference.span.kind': 'LLM',
      'input.value': 'Hi',
      'output.value': 'Hello',
      metadata: `{"langfusePrompt":${WHOLE},"plan":"pro"}`,
    },
  ],
  [
    'langsmith',
    {
      'langsmith.span.kind': 'llm',
      'gen_ai.prompt': 'Hi',
      'gen_ai.completion': 'Hello',
      'langsmith.metadata.langfusePrompt': WHOLE,
      'langsmith.metadata.plan': 'pro',
    },
  ],
  [
    'traceloop',
    {
      'llm.request.type': 'chat',
      'gen_ai.prompt.0.content': 'Hi',
      'gen_ai.prompt.0.role': 'user',
      'gen_ai.completion.0.content': 'Hello',
      'traceloop.association.properties.langfusePrompt': WHOLE,
      'traceloop.association.properties.plan': 'pro',
    },
  ],
  [
    'langfuse',
    {
      'langfuse.observation.type': 'generation',
      'langfuse.observation.input': '"Hi"',
      'langfuse.observation.output': '"Hello"',
      'langfuse.observation.metadata.langfusePrompt': WHOLE,
      'langfuse.observation.metadata.plan': 'pro',
    },
  ],
  [
    'braintrust',
    {
      'braintrust.span_attributes': '{"type":"llm"}',
      'braintrust.input': '"Hi"',
      'braintrust.output': '"Hello"',
      'braintrust.metadata': `{"prompt":${WHOLE},"plan":"pro"}`,
    },
  ],
])(
  'of a whole prompt in the metadata of %s, name and version become properties, and nothing else',
  (_name, attributes) => {
    const span = { ...makeChatSpan({ attributes }), attributes };
    const [record] = toPromptRecords([span]);
    const given = _name === 'trubrics' ? propertiesOf(attributes) : record?.properties;
    expect(given).toMatchObject({ prompt_name: 'greet', prompt_version: '9', plan: 'pro' });
    expect(JSON.stringify(given)).not.toContain('pirate');
  },
);

test('the release is that of the resource, else of the span', () => {
  const onSpan = { 'langfuse.release': 'v1', 'langfuse.environment': 'staging' };
  expect(propertiesOf(onSpan)).toMatchObject({ service_version: 'v1', environment: 'staging' });
  const resource = { 'service.version': '1.4.0', 'deployment.environment': 'production' };
  expect(propertiesOf(onSpan, resource)).toMatchObject({
    service_version: '1.4.0',
    environment: 'production',
  });
  expect(propertiesOf({})).not.toHaveProperty('service_version');
  expect(propertiesOf({ 'gen_ai.prompt.name': '', 'gen_ai.prompt.version': {} })).not.toHaveProperty(
    'prompt_version',
  );
});

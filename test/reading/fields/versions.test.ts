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

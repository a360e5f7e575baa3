import { expect, test } from 'vitest';
import { readLlmCall } from '../../../src/reading/dialects/read-llm-call.js';
import { toPromptRecords } from '../../../src/records/to-prompt-records.js';
import { makeChatSpan } from '../../support/span.js';

const costOf = (attributes: Record<string, unknown>) => readLlmCall(makeChatSpan({ attributes }))?.cost;

test.each<[string, Record<string, unknown>, number]>([
  ['this package', { 'trubrics.cost': 0.25 }, 0.25],
  ['OpenInference', { 'llm.cost.total': 0.02, 'llm.cost.prompt': 0.01 }, 0.02],
  ['OpenInference, for nothing', { 'llm.cost.total': 0 }, 0],
  [
    'Langfuse, the total',
    { 'langfuse.observation.cost_details': '{"input":0.1,"output":0.2,"total":0.3}' },
    0.3,
  ],
  ['Langfuse, parts alone', { 'langfuse.observation.cost_details': '{"input":0.125,"output":0.25}' }, 0.375],
  ['OpenRouter', { 'gen_ai.usage.total_cost': '0.0015' }, 0.0015],
  ['OpenLIT', { 'gen_ai.usage.cost': 0.004 }, 0.004],
  ['LiteLLM', { 'gen_ai.cost.total_cost': 0.003 }, 0.003],
  ['Logfire', { 'operation.cost': 0.002 }, 0.002],
  ['MLflow', { 'mlflow.llm.cost': '{"input_cost":0.1,"output_cost":0.2,"total_cost":0.3}' }, 0.3],
  [
    'the AI SDK with OpenRouter',
    { 'ai.response.providerMetadata': '{"openrouter":{"usage":{"cost":0.5}}}' },
    0.5,
  ],
  ['the AI SDK with a gateway', { 'ai.response.providerMetadata': '{"gateway":{"cost":"0.0045"}}' }, 0.0045],
  ['two at once', { 'operation.cost': 0.1, 'llm.cost.total': 0.2 }, 0.2],
])('the cost that %s writes is read', (_name, attributes, cost) => {
  expect(costOf(attributes)).toBe(cost);
  expect(toPromptRecords([makeChatSpan({ attributes })])[0]?.properties).toMatchObject({ cost });
});

test.each<[string, Record<string, unknown>]>([
  ['a negative cost', { 'llm.cost.total': -1 }],
  ['no number', { 'llm.cost.total': 'free' }],
  ['NaN', { 'llm.cost.total': Number.NaN }],
  ['a 0 of OpenLIT, which knows no price of the model', { 'gen_ai.usage.cost': 0 }],
  ['a 0 of LiteLLM', { 'gen_ai.cost.total_cost': 0 }],
  ['JSON without its end', { 'langfuse.observation.cost_details': '{"input":0.1,"total":0.' }],
  ['details that are no numbers', { 'langfuse.observation.cost_details': '{"input":"x"}' }],
  ['no details', { 'langfuse.observation.cost_details': '{}' }],
  [
    'metadata of a provider without a cost',
    { 'ai.response.providerMetadata': '{"openai":{"reasoningTokens":5}}' },
  ],
])('%s is no cost', (_name, attributes) => {
  expect(costOf(attributes)).toBeUndefined();
});

test('the tier of service is that of the answer, else of the request', () => {
  const tierOf = (attributes: Record<string, unknown>) =>
    readLlmCall(makeChatSpan({ attributes }))?.serviceTier;
  expect(tierOf({ 'openai.request.service_tier': 'auto', 'openai.response.service_tier': 'flex' })).toBe(
    'flex',
  );
  expect(tierOf({ 'gen_ai.openai.request.service_tier': 'batch' })).toBe('batch');
});

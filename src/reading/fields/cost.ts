import { ATTR_TRUBRICS_COST } from '../../common/semconv.js';
import { decode } from '../decoding/decode.js';
import { toNumber, toRecord, toText } from '../model/attributes.js';
import { field, type FieldGroups } from './fields.js';

/** Metadata of the AI SDK, with the cost of OpenRouter and of Vercel's gateway. */
const PROVIDER_METADATA = 'ai.response.providerMetadata';

/** Attributes with the cost of a call in US dollars: what a provider or a gateway charged, or what an instrumentation computed. */
const COST_KEYS = [
  ATTR_TRUBRICS_COST,
  // OpenInference.
  'llm.cost.total',
  'langfuse.observation.cost_details',
  // OpenRouter's own spans, LangSmith.
  'gen_ai.usage.total_cost',
  // OpenLIT and LiteLLM write 0 for a model that they have no price of.
  'gen_ai.usage.cost',
  'gen_ai.cost.total_cost',
  // Logfire.
  'operation.cost',
  'mlflow.llm.cost',
  PROVIDER_METADATA,
] as const;

const ZERO_IS_UNKNOWN: ReadonlySet<string> = new Set(['gen_ai.usage.cost', 'gen_ai.cost.total_cost']);

/** Tiers of service, which have prices of their own: `default`, `flex`, `batch` … The answer says which one it was. */
const SERVICE_TIER_KEYS = [
  'openai.response.service_tier',
  'gen_ai.openai.response.service_tier',
  'openai.request.service_tier',
  'gen_ai.openai.request.service_tier',
] as const;

export interface CostGroups {
  readonly money: { readonly cost: number; readonly serviceTier: string };
}

export const COST_GROUPS: FieldGroups<CostGroups> = {
  money: {
    cost: field(toCost, ...COST_KEYS),
    serviceTier: field(toText, ...SERVICE_TIER_KEYS),
  },
};

/** Returns a cost that is not negative. */
function toCost(value: unknown, name = ''): number | undefined {
  // It may hold much else, so it is parsed only if it names a cost.
  if (name === PROVIDER_METADATA && typeof value === 'string' && !value.includes('cost')) return undefined;
  const cost = toNumber(value) ?? costIn(value);
  return cost === undefined || cost < 0 || (cost === 0 && ZERO_IS_UNKNOWN.has(name)) ? undefined : cost;
}

/** Reads the total of a JSON object with costs, or the sum of its parts. */
function costIn(value: unknown): number | undefined {
  const { value: decoded, cut } = decode(value);
  const details = toRecord(decoded);
  // The last number of cut JSON may lack its end.
  if (!details || cut) return undefined;
  const { openrouter, gateway } = details;
  const total =
    toNumber(details['total']) ??
    toNumber(details['total_cost']) ??
    toNumber(toRecord(toRecord(openrouter)?.['usage'])?.['cost']) ??
    toNumber(toRecord(gateway)?.['cost']);
  if (total !== undefined) return total;
  const parts = Object.values(details).map(toNumber);
  const known = parts.filter((part) => part !== undefined);
  return known.length > 0 && known.length === parts.length
    ? known.reduce((sum, part) => sum + part, 0)
    : undefined;
}

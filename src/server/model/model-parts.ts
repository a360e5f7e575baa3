import type { RecordCost } from './cost.js';
import type { SummedTokens } from './measures.js';

/** Usage of one model in a turn of several models. It is included in the sums of the record. */
export interface ModelPart {
  readonly model: string;
  readonly input: number;
  readonly output: number;
  /** US dollars. */
  readonly cost: number;
  readonly pricedCalls: number;
  readonly unpricedCalls: number;
}

/** Merges the tokens and the costs of a turn by model. Empty for most records. */
export function modelParts(tokens: SummedTokens, costs: RecordCost): readonly ModelPart[] {
  if (tokens.byModel.length === 0 && costs.byModel.length === 0) return NO_PARTS;
  const parts = new Map<string, ModelPart>();
  const add = (model: string, part: Partial<ModelPart>): void => {
    parts.set(model, { ...(parts.get(model) ?? { ...NOTHING, model }), ...part });
  };
  for (const { model, input, output } of tokens.byModel) add(model, { input, output });
  for (const part of costs.byModel) add(part.model, part);
  return [...parts.values()];
}

const NO_PARTS: readonly ModelPart[] = [];
const NOTHING = { input: 0, output: 0, cost: 0, pricedCalls: 0, unpricedCalls: 0 };

import type { ModelPrice, Rate } from './model-price.js';
import { matchesText, type TextMatch } from './text-match.js';

/** Prices of one model from a day on, or for some hours of each day. */
export interface Period {
  /** Day in UTC, `2026-01-31`. */
  readonly from?: string;
  /** Times in UTC, `16:30:00Z`. The second is not included. */
  readonly daily?: readonly [start: string, end: string];
  readonly input?: Rate;
  readonly output?: Rate;
  readonly cacheRead?: Rate;
  readonly cacheWrite?: Rate;
}

export interface TableModel {
  readonly match: TextMatch;
  /** The last that applies is right; the first if none does. */
  readonly periods: readonly Period[];
}

export interface TableProvider {
  readonly id: string;
  readonly providerMatch?: TextMatch;
  /** Names of models that belong to this provider if none is known. */
  readonly modelMatch?: TextMatch;
  /** Ids of providers whose models this one has as well. */
  readonly fallback?: readonly string[];
  readonly models: readonly TableModel[];
}

export interface PriceTableData {
  /** Day of the release. */
  readonly date: string;
  /** Release of `@pydantic/genai-prices`. */
  readonly version: string;
  readonly providers: readonly TableProvider[];
}

/** Names of gateways and frameworks, which say nothing about who was paid. */
const NO_PROVIDERS: ReadonlySet<string> = new Set([
  'litellm',
  'vercel',
  'gateway',
  'ai-gateway',
  'portkey',
  'helicone',
  'langchain',
  'custom',
  'unknown',
  'other',
  '_other',
]);

/** Providers that OpenTelemetry's conventions name otherwise than the table. */
const TABLE_IDS: Readonly<Record<string, string>> = {
  'azure.ai.openai': 'azure',
  'azure.ai.inference': 'azure',
  'az.ai.openai': 'azure',
  'az.ai.inference': 'azure',
  azure_openai: 'azure',
  x_ai: 'x-ai',
  'z.ai': 'zai',
};

/** Names that are remembered: many more than an application has, and few enough for one that invents them. */
const MAX_REMEMBERED = 1000;

/** A period with its price, read once for all calls of a model. */
interface TimedPrice {
  readonly applies: (at: number) => boolean;
  readonly price: ModelPrice | undefined;
}

/** Prices of models by provider and time. */
export class PriceTable {
  readonly date: string;
  readonly #providers: readonly TableProvider[];
  /** By provider and model. Two maps: a key of both would be made, and hashed, for each record (test/bench/intake.mjs). */
  readonly #found = new Map<string, Map<string, readonly TimedPrice[]>>();
  #remembered = 0;

  constructor({ date, providers }: PriceTableData) {
    this.date = date;
    this.#providers = providers;
  }

  /**
   * Returns the price of a model at a time in milliseconds, which is asked for if the price depends on it. Undefined if the model is unknown,
   * also if its provider has no such model: another provider may have another price. A name such as `anthropic/claude-sonnet-4` names its
   * provider.
   */
  find(model: string, provider: string | undefined, at: () => number): ModelPrice | undefined {
    const prices = this.#found.get(provider ?? '')?.get(model) ?? this.#remember(model, provider);
    if (prices.length <= 1) return prices[0]?.price;
    const time = at();
    return (prices.findLast(({ applies }) => applies(time)) ?? prices[0])?.price;
  }

  #remember(model: string, provider: string | undefined): readonly TimedPrice[] {
    if (this.#remembered >= MAX_REMEMBERED) {
      this.#found.clear();
      this.#remembered = 0;
    }
    const found = this.#findModel(model.trim().toLowerCase(), provider?.trim().toLowerCase());
    const prices = (found?.periods ?? []).map((period) => ({
      applies: conditionOf(period),
      price: priceOf(period),
    }));
    const ofProvider = this.#found.get(provider ?? '') ?? new Map<string, readonly TimedPrice[]>();
    this.#found.set(provider ?? '', ofProvider.set(model, prices));
    this.#remembered += 1;
    return prices;
  }

  #findModel(name: string, provider: string | undefined): TableModel | undefined {
    const model = name.startsWith('models/') ? name.slice('models/'.length) : name;
    if (provider !== undefined && provider !== '' && !NO_PROVIDERS.has(provider)) {
      const known = this.#providerOf(provider);
      if (!known) return undefined;
      // A client for several providers may name them before the model: `anthropic/claude-sonnet-4` of `anthropic`.
      return this.#modelOf(known, model) ?? this.#modelOf(known, withoutProvider(model, provider));
    }
    const slash = model.indexOf('/');
    const named = slash > 0 ? this.#providerOf(model.slice(0, slash)) : undefined;
    if (named) return this.#modelOf(named, model.slice(slash + 1)) ?? this.#modelOf(named, model);
    const guessed = this.#providers.find(({ modelMatch }) => modelMatch && matchesText(modelMatch, model));
    return guessed && this.#modelOf(guessed, model);
  }

  #providerOf(name: string): TableProvider | undefined {
    const id = TABLE_IDS[name] ?? name;
    return (
      this.#providers.find((provider) => provider.id === id) ??
      this.#providers.find(({ providerMatch }) => providerMatch && matchesText(providerMatch, id))
    );
  }

  #modelOf({ models, fallback = [] }: TableProvider, name: string): TableModel | undefined {
    for (const text of new Set([name, withDashedDate(name)])) {
      const found = models.find(({ match }) => matchesText(match, text));
      if (found) return found;
    }
    for (const id of fallback) {
      const other = this.#providers.find((provider) => provider.id === id);
      const found = other && this.#modelOf({ ...other, fallback: [] }, name);
      if (found) return found;
    }
    return undefined;
  }
}

function withoutProvider(model: string, provider: string): string {
  return model.startsWith(`${provider}/`) ? model.slice(provider.length + 1) : model;
}

/** Some gateways write `gpt-4o-20240806` for `gpt-4o-2024-08-06`. */
function withDashedDate(name: string): string {
  return name.replace(/-(20\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?=-|:|$)/g, '-$1-$2-$3');
}

function priceOf({ input, output, cacheRead, cacheWrite }: Period): ModelPrice | undefined {
  // A price of zero is one; without one, nobody knows what the tokens cost.
  if (input === undefined || output === undefined) return undefined;
  return { input, output, cacheRead, cacheWrite };
}

function conditionOf({ from, daily }: Period): (at: number) => boolean {
  if (from !== undefined) {
    const first = Date.parse(`${from}T00:00:00Z`);
    return (at) => at >= first;
  }
  if (!daily) return () => true;
  const [start, end] = [timeOfDay(daily[0]), timeOfDay(daily[1])];
  const isIn = (time: number): boolean =>
    start <= end ? time >= start && time < end : time >= start || time < end;
  return (at) => isIn(at % 86_400_000);
}

function timeOfDay(text: string): number {
  return Date.parse(`1970-01-01T${text}`);
}

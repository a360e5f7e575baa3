import { OutgoingError, type OutgoingTarget } from '../../security/outgoing-targets.js';
import type { Intents } from './intents.js';
import type { Labels } from './label-properties.js';
import { labelRequest, STEADYING_FIELDS, type LabelledTexts } from './label-request.js';
import { parseLabels } from './parse-labels.js';

/** Time for an answer: a model on a laptop is slow. */
const TIMEOUT_MS = 60_000;
/** Statuses that say nothing about the texts: the service is busy, gone, or does not know the key or the model. */
const SERVICE_STATUSES: ReadonlySet<number> = new Set([
  401, 402, 403, 404, 405, 408, 425, 429, 502, 503, 504,
]);

/** A language model that labels texts. */
export interface LabelServiceOptions {
  /** `/chat/completions` of the service. */
  readonly target: OutgoingTarget;
  readonly model: string;
  readonly apiKey: string | undefined;
  readonly perMinute: number;
}

/** Cause of a failure. `either`: the service may be broken, or break at these texts. */
type Blame = 'service' | 'texts' | 'either';

/** Outcome of a request. */
export type LabelAnswer =
  | { readonly labels: Labels }
  | { readonly labels?: undefined; readonly problem: string; readonly blame: Blame };

/** Asks a model for labels. */
export class LabelService {
  readonly #options: LabelServiceOptions;
  #isSteadied = true;

  constructor(options: LabelServiceOptions) {
    this.#options = options;
  }

  async ask(texts: LabelledTexts, intents: Intents, signal: AbortSignal): Promise<LabelAnswer> {
    const { target, model, apiKey } = this.#options;
    const request = labelRequest(model, texts, intents.names);
    const fields = this.#isSteadied ? STEADYING_FIELDS : {};
    try {
      const { status, body } = await target.post({
        body: JSON.stringify({ ...request, ...fields }),
        headers: apiKey === undefined ? {} : { authorization: `Bearer ${apiKey}` },
        timeoutMs: TIMEOUT_MS,
        signal,
      });
      if ((status === 400 || status === 422) && this.#isSteadied) {
        this.#isSteadied = false;
        return await this.ask(texts, intents, signal);
      }
      if (status < 200 || status > 299) return { problem: `status ${status}`, blame: blameOf(status) };
      const labels = parseLabels(body ?? '', intents);
      return labels ? { labels } : { problem: 'an answer that is no labels', blame: 'texts' };
    } catch (error) {
      if (!(error instanceof OutgoingError)) throw error;
      return { problem: error.message, blame: error.message === 'no answer in time' ? 'either' : 'service' };
    }
  }
}

function blameOf(status: number): Blame {
  if (SERVICE_STATUSES.has(status) || status < 400) return 'service';
  return status < 500 ? 'texts' : 'either';
}

import { asRecord, type UnknownRecord } from '../../common/unknown-values.js';

/**
 * Token counts of the chunks of a stream. LangChain adds up the counts of all chunks, also where a chunk repeats those before it. The
 * largest count is then the right one. It is used for counts that do not grow during an answer: cached tokens, and totals.
 */
export class StreamUsage {
  cacheRead: number | undefined = undefined;
  cacheCreation: number | undefined = undefined;
  total: number | undefined = undefined;
  /** True while no total is smaller than the one before it, as that of a chunk is that counts only its own tokens. */
  totalsAreCumulative = true;
  /** Output tokens in Anthropic's first chunk (`message_start`). Its last chunk counts them again. */
  countedTwice: number | undefined = undefined;

  /** Adds the counts of a chunk's message. A chunk may be added twice in a row. */
  add(message: UnknownRecord, usage: UnknownRecord, isFirst: boolean): void {
    const { total_tokens, input_token_details } = usage;
    const { cache_read, cache_creation } = asRecord(input_token_details);
    if (isFirst) this.countedTwice = outputOfMessageStart(message, usage);
    if (isCount(total_tokens)) {
      if (this.total !== undefined && total_tokens < this.total) this.totalsAreCumulative = false;
      this.total = Math.max(this.total ?? 0, total_tokens);
    }
    if (isCount(cache_read)) this.cacheRead = Math.max(this.cacheRead ?? 0, cache_read);
    if (isCount(cache_creation)) this.cacheCreation = Math.max(this.cacheCreation ?? 0, cache_creation);
  }
}

function outputOfMessageStart(
  { response_metadata, additional_kwargs }: UnknownRecord,
  { output_tokens }: UnknownRecord,
): number | undefined {
  const isMessageStart =
    asRecord(response_metadata)['model_provider'] === 'anthropic' ||
    asRecord(additional_kwargs)['type'] === 'message';
  return isMessageStart && isCount(output_tokens) ? output_tokens : undefined;
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isFinite(value) && value >= 0;
}

import { warnUserOnce } from '../../common/logger.js';
import { asArray } from '../../common/unknown-values.js';
import type { LlmCall } from '../../reading/model/llm-call.js';

/**
 * Returns the call as it is compared with others. If the AI SDK 7 has several listeners, each makes spans of each call, often under one name
 * of a library: they then count as spans of different libraries. `registerTelemetry()` adds its argument to this global list, once for
 * each bundle and file that calls it. Warns if two are of one class.
 */
export function comparedCall(call: LlmCall): LlmCall {
  const { AI_SDK_TELEMETRY_INTEGRATIONS: list } = globalThis as { AI_SDK_TELEMETRY_INTEGRATIONS?: unknown };
  const classes = asArray(list).map((listener) => (listener as object | null)?.constructor.name);
  if (new Set(classes).size < classes.length)
    warnUserOnce('registerTelemetry() was called twice: of its two spans of a call, one is recorded');
  return classes.length > 1 && call.runId === undefined ? { ...call, scope: call.spanId } : call;
}

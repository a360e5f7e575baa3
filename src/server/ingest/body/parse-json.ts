import { parsePartialJson } from '../../../reading/decoding/partial-json.js';

/**
 * Parses a body as JSON. A byte that is not UTF-8 becomes a replacement character, as in protobuf. NaN and infinities, which `json.dumps()`
 * of Python writes and FastAPI reads, become `null`.
 *
 * @throws SyntaxError if the body is no JSON
 */
export function parseJson(bytes: Uint8Array): unknown {
  const text = new TextDecoder().decode(bytes);
  try {
    return JSON.parse(text);
  } catch (error) {
    const read = /\b(?:NaN|Infinity)\b/.test(text) ? parsePartialJson(text) : undefined;
    if (read && !read.cut) return read.value;
    throw error;
  }
}

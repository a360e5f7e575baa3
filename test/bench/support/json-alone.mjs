import { processorUs } from './processor-time.mjs';

/** Writes the messages of a span as the GenAI conventions have them. */
export function messages(role, content) {
  return JSON.stringify([{ role, parts: [{ type: 'text', content }] }]);
}

/**
 * Returns the microseconds of processor time per span for the least possible work: parsing question and answer of each of `count` spans, which
 * are texts of their own as on spans, and writing `item`, what is sent for a span, with them.
 */
export function timeJson(item, count, text) {
  const spans = Array.from({ length: count }, (_, index) => [
    messages('user', `${text}${index}`),
    messages('assistant', `${text}${index}`),
  ]);
  const kept = [];
  const start = process.cpuUsage();
  for (const [question, answer] of spans) {
    const [[{ parts: prompt }], [{ parts: generation }]] = [JSON.parse(question), JSON.parse(answer)];
    kept.push(JSON.stringify({ ...item, prompt: prompt[0].content, generation: generation[0].content }));
  }
  return processorUs(start) / kept.length;
}

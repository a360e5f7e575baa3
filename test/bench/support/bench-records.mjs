// Records of an application that answers questions about software, for the benchmarks of the engines.

const WORDS = (
  'How do I trace an application that asks a model and which of its spans has the answer A span is a step of a trace and it has a ' +
  'parent Please use the OpenTelemetry SDK with an exporter for Node.js or Python Set `OTEL_SERVICE_NAME` before the start'
).split(' ');
const START = Date.UTC(2026, 9, 1);

/** Returns records with 600 characters of prompt and answer, the same ones each time. One of eight has other characters than ASCII. */
export function benchRecords(count) {
  const random = randomNumbers();
  return Array.from({ length: count }, (_, i) => {
    const timestamp = new Date(START + i * 26_000).toISOString();
    return {
      kind: 'prompt',
      id: `bench-${i}`,
      userId: `user-${(i * 7919) % 5000}`,
      threadId: `thread-${Math.floor(i / 6)}`,
      prompt: textOf(160, i, random),
      generation: textOf(440, i, random),
      assistantId: ['gpt-4o', 'gpt-4o-mini', 'claude-sonnet', 'mistral-large'][i % 4],
      latency: ((i * 31) % 4000) / 1000,
      timestamp,
      receivedAt: timestamp,
      tags: ['bench'],
      properties: {
        $event_id: `bench-${i}`,
        input_tokens: 120,
        output_tokens: 80,
        environment: i % 2 ? 'prod' : 'dev',
      },
    };
  });
}

function textOf(length, i, random) {
  let text = '';
  while (text.length < length) {
    text += WORDS[random(WORDS.length)];
    if (random(12) === 0) text += '.\n\n';
    else text += random(9) === 0 ? ', ' : ' ';
  }
  return i % 8 === 0 ? `${text}Größe: 5 € – 你好 🙂` : text;
}

/** A generator with a fixed seed (constants of ANSI C). */
function randomNumbers() {
  let state = 1;
  return (limit) => {
    state = (state * 1_103_515_245 + 12_345) & 0x7f_ff_ff_ff;
    return state % limit;
  };
}

import type { NewRecord } from '../../src/server/model/stored-record.js';

/** Records with everything that a record can have. */
export function variedRecords(count: number): NewRecord[] {
  return Array.from({ length: count }, (_, i) => {
    const at = new Date(Date.UTC(2026, 2, 1) + i * 61_000);
    const common = {
      id: `trace-${i % 7}-span-${i}`,
      userId: `user ${i % 5} 🙂`,
      ...(i % 3 === 0 && { threadId: `thread, "${i % 4}"` }),
      timestamp: at.toISOString(),
      receivedAt: new Date(at.getTime() + 1_234).toISOString(),
      tags: i % 2 === 0 ? [] : ['beta', `t,${i % 3}`],
      ...(i % 4 === 0 && { origin: 'otlp' as const }),
      ...(i % 5 === 0 && { forwardedTo: ['https://elsewhere.example/api'] }),
    };
    if (i % 6 === 5)
      return {
        kind: 'event',
        ...common,
        event: 'Feedback',
        properties: { record_id: `trace-0-span-0`, score: i % 2, comment: 'a\nb' },
      };
    return {
      kind: 'prompt',
      ...common,
      prompt: `=question ${i}\r\n\u2028 with "quotes", commas`,
      generation: i % 9 === 0 ? '' : `answer ${i}`,
      ...(i % 2 === 0 && { assistantId: 'gpt-4o', latency: i / 8 }),
      ...(i % 8 === 0 && { promptEventName: 'Question', generationEventName: 'Answer' }),
      properties: { input_tokens: i, deep: { list: [1, null, { x: 'y' }] }, $event_id: common.id },
    };
  });
}

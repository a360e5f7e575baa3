import { setImmediate as nextTurn } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { memoryDestination } from '../support/memory-destination.js';
import { chat } from '../support/trace-sketch.js';
import { useProvider } from '../support/use-provider.js';

const asynchronous = async (): Promise<never> => {
  await nextTurn();
  throw new Error('a function of the application');
};

/** Options that are functions of the application, each of which an application may have made asynchronous. */
const CALLBACKS: readonly (readonly [name: string, options: object, delivered: number])[] = [
  ['userId', { userId: asynchronous }, 1],
  ['threadId', { threadId: asynchronous }, 1],
  ['redact', { redact: asynchronous }, 0],
  ['onDrop', { onDrop: asynchronous, maxQueueBytes: 1 }, 0],
  ['waitUntil', { waitUntil: asynchronous }, 1],
  ['encode', { destination: { ...memoryDestination(), encode: asynchronous } }, 0],
  ['send', { destination: { ...memoryDestination(), send: asynchronous }, flushTimeoutMs: 100 }, 0],
];

test.each(CALLBACKS)(
  'a promise of %s that is rejected ends no process, and no other record is lost',
  async (_, options, delivered) => {
    const unhandled: unknown[] = [];
    const listeners = process.rawListeners('unhandledRejection') as ((reason: unknown) => void)[];
    process
      .removeAllListeners('unhandledRejection')
      .on('unhandledRejection', (reason) => unhandled.push(reason));
    onTestFinished(() => {
      process.removeAllListeners('unhandledRejection');
      for (const listener of listeners) process.on('unhandledRejection', listener);
    });
    const { tracer, processor } = useProvider(options);
    chat(tracer, { prompt: 'q', answer: 'a' });
    await processor.forceFlush();
    for (let turn = 0; turn < 3; turn += 1) await nextTurn();
    expect(unhandled).toEqual([]);
    expect(processor.stats().destinations[0]?.delivered).toBe(delivered);
  },
);

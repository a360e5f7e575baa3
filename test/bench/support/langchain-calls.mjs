// Calls of a fake model through several handlers, for the benchmarks that compare them.
import { AIMessage, HumanMessage } from '@langchain/core/messages';
import { FakeListChatModel } from '@langchain/core/utils/testing';

const CALLS = 20;

/**
 * Runs short blocks of calls in random order, so that other load meets all variants alike. Returns the time of a call for each variant:
 * the given quantile of its blocks, because other load only adds time.
 *
 * A variant has the `callbacks` of its calls, and may have `enter()`, called before a block, and `flush()`, which belongs to the block.
 * `startClock()` returns the function that returns the microseconds since then.
 */
export async function timeCalls(variants, messages, { rounds, warmUpRounds, quantile, startClock }) {
  const model = new FakeListChatModel({ responses: ['The answer to that is forty-two.'] });
  const metadata = { user_id: 'u-1', thread_id: 't-1' };
  const times = Object.fromEntries(Object.keys(variants).map((name) => [name, []]));
  for (let round = -warmUpRounds; round < rounds; round += 1) {
    for (const name of Object.keys(variants).toSorted(() => Math.random() - 0.5)) {
      const { callbacks, enter, flush } = variants[name];
      enter?.();
      const elapsed = startClock();
      for (let i = 0; i < CALLS; i += 1) await model.invoke(messages, { callbacks, metadata });
      await flush?.();
      if (round >= 0) times[name].push(elapsed() / CALLS);
    }
  }
  return Object.fromEntries(
    Object.entries(times).map(([name, values]) => [
      name,
      values.toSorted((a, b) => a - b)[Math.floor(values.length * quantile)],
    ]),
  );
}

/** Prints the time of a call for each variant, and above that of `base`. */
export function printTimes(title, times, base) {
  console.log(`\n${title}`);
  for (const [name, time] of Object.entries(times)) {
    const added = (time - times[base]).toFixed(1);
    console.log(`  ${name.padEnd(28)}${time.toFixed(1).padStart(8)}${added.padStart(9)}`);
  }
}

/** Messages of a human and a model in turn, the first by the human. */
export function conversation(length) {
  return Array.from({ length }, (_, i) => {
    const text = `Message ${i}: what would you say to a customer who asks about the state of order ${i * 7}?`;
    return i % 2 === 0 ? new HumanMessage(text) : new AIMessage(text);
  });
}

/** Starts a clock for {@link timeCalls} that other programs on the machine do not move. */
export function processorTime() {
  const start = process.cpuUsage();
  return () => {
    const { user, system } = process.cpuUsage(start);
    return user + system;
  };
}

import type { EntryKind } from '../../destinations/destination.js';
import type { Verdict } from './classify.js';
import { CircuitBreaker } from './circuit-breaker.js';
import type { DeliveryRuntime } from '../runtime/runtime.js';
import type { BreakerState } from '../model/settlement.js';

/** At which gates a batch is the probe. */
export interface Probes {
  readonly destination: boolean;
  readonly lane: boolean;
}

/**
 * The gates that a batch has to pass: one for the destination, closed when nothing gets through (no connection, 429, a refused
 * key), and behind it one for each lane, closed by failures of its own path, which shall not hold up the other lane.
 */
export class Breakers {
  readonly #destination = new CircuitBreaker();
  readonly #lanes: Readonly<Record<EntryKind, CircuitBreaker>> = {
    prompt: new CircuitBreaker(),
    event: new CircuitBreaker(),
  };
  readonly #runtime: DeliveryRuntime;
  readonly #random: () => number;

  constructor(runtime: DeliveryRuntime) {
    this.#runtime = runtime;
    this.#random = () => runtime.random();
  }

  /** The state of the first gate that is not open. */
  get state(): BreakerState {
    return this.#all.find((gate) => gate.state !== 'sending')?.state ?? 'sending';
  }

  opensAt(kind: EntryKind): number {
    return Math.max(this.#destination.opensAt, this.#lanes[kind].opensAt);
  }

  enter(kind: EntryKind): Probes {
    return { destination: this.#destination.enter(), lane: this.#lanes[kind].enter() };
  }

  pass(kind: EntryKind, probes: Probes): void {
    this.#destination.pass(probes.destination);
    this.#lanes[kind].pass(probes.lane);
  }

  fail(kind: EntryKind, probes: Probes, { scope, retryAfterMs }: Verdict & { action: 'retry' }): void {
    const now = this.#runtime.now();
    if (scope === 'destination') {
      this.#destination.fail(now, probes.destination, this.#random, retryAfterMs);
      this.#lanes[kind].returnProbe(now, probes.lane);
    } else {
      this.#destination.pass(probes.destination);
      this.#lanes[kind].fail(now, probes.lane, this.#random);
    }
  }

  park(kind: EntryKind, probes: Probes): void {
    const now = this.#runtime.now();
    this.#destination.park(now, probes.destination);
    this.#lanes[kind].returnProbe(now, probes.lane);
  }

  /** Somebody waits for a flush. */
  hurry(): void {
    for (const gate of this.#all) gate.hurry(this.#runtime.now());
  }

  get #all(): readonly CircuitBreaker[] {
    return [this.#destination, this.#lanes.prompt, this.#lanes.event];
  }
}

/** State of one server's intake since its start: faults, and what waits in it. */
export interface IntakeStatus {
  /** The store fails, and what is sent is answered 503. `null`: it works. */
  readonly outage: StoreOutage | null;
  /** Bytes of the requests that are being received, after decompression. */
  readonly bytesInFlight: number;
  /** Log records of LLM calls: those that wait for their span, and those whose span did not come. */
  readonly logs: { readonly waiting: number; readonly unmatched: number };
  /** Spans that look like calls and are none. */
  readonly skipped: {
    /** Agents without question or answer, and spans that only name a model, to which no LLM span belongs. */
    readonly no_call: number;
  };
}

/** A time in which the store fails. */
export interface StoreOutage {
  /** ISO 8601. */
  readonly since: string;
  /** Why, without paths and content, for instance `the disk is full (ENOSPC)`. */
  readonly reason: string;
}

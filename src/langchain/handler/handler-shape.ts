/** How LangChain writes an object that cannot be serialised. */
export interface NotSerialized {
  lc: number;
  type: 'not_implemented';
  id: string[];
}

/**
 * What LangChain expects a callback handler to look like. LangChain recognises handlers by their shape, in 0.3 as in 1.x: no
 * class of `@langchain/core` is needed at run time, and none is loaded.
 */
export abstract class HandlerShape {
  readonly name = 'trubrics';
  /**
   * LangChain calls the handler in the caller's own async context and waits for it. Otherwise it calls from a queue of the process,
   * in the context of whichever request came first: spans and users of concurrent requests would be mixed up.
   */
  awaitHandlers = true;
  raiseError = false;
  ignoreLLM = false;
  ignoreChain = false;
  ignoreAgent = false;
  ignoreRetriever = false;
  ignoreCustomEvent = false;

  lc_serializable = false;
  lc_kwargs: Record<string, unknown> = {};

  get lc_namespace(): ['langchain_core', 'callbacks', string] {
    return ['langchain_core', 'callbacks', this.name];
  }
  get lc_id(): string[] {
    return [...this.lc_namespace, 'TrubricsCallbackHandler'];
  }
  get lc_secrets(): Record<string, string> | undefined {
    return undefined;
  }
  get lc_attributes(): Record<string, string> | undefined {
    return undefined;
  }
  get lc_aliases(): Record<string, string> | undefined {
    return undefined;
  }
  get lc_serializable_keys(): string[] | undefined {
    return undefined;
  }

  /** The handler itself: all its state belongs to runs, so that a copy would have nothing of its own. */
  copy(): this {
    return this;
  }
  toJSON(): NotSerialized {
    return this.toJSONNotImplemented();
  }
  toJSONNotImplemented(): NotSerialized {
    return { lc: 1, type: 'not_implemented', id: this.lc_id };
  }
}

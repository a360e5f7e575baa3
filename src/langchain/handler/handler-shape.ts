/** LangChain's JSON of an object that cannot be serialised. */
export interface NotSerialized {
  lc: number;
  type: 'not_implemented';
  id: string[];
}

/**
 * Members that LangChain expects on a callback handler. LangChain 0.3 and 1.x recognise handlers by their shape, so that no class of
 * `@langchain/core` is loaded at run time.
 */
export abstract class HandlerShape {
  readonly name = 'trubrics';
  /**
   * LangChain awaits the handler in the caller's async context. If false, it calls the handler from one queue per process, in the
   * context of the request that came first, which would mix up spans and users of concurrent requests.
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
  // Not there at run time. LangChain's own classes return undefined here.
  declare readonly lc_secrets: Record<string, string> | undefined;
  declare readonly lc_attributes: Record<string, string> | undefined;
  declare readonly lc_aliases: Record<string, string> | undefined;
  declare readonly lc_serializable_keys: string[] | undefined;

  /** Returns the handler itself: its state is kept per run, so that a copy would share all of it. */
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

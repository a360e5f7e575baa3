export { TrubricsCallbackHandler } from './callback-handler.js';
export {
  instrumentLangChain,
  type InstrumentLangChainOptions,
  type LangChainInstrumentation,
} from './process-wide/instrument-langchain.js';
export type { ContentMode, TrubricsCallbackHandlerOptions } from './handler-options.js';

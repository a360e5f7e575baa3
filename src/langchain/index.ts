export { TrubricsCallbackHandler } from './handler/callback-handler.js';
export {
  instrumentLangChain,
  type InstrumentLangChainOptions,
  type LangChainInstrumentation,
} from './instrumentation/instrument-langchain.js';
export type { ContentMode, TrubricsCallbackHandlerOptions } from './options/handler-options.js';

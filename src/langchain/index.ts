export { TrubricsCallbackHandler } from './callback-handler.js';
export type { ContentMode, TrubricsCallbackHandlerOptions } from './handler-options.js';

// The installed version of LangChain, and the names that differ between its versions.
import { createRequire } from 'node:module';

const require = createRequire(import.meta.url);

/** Major and minor version of @langchain/core, such as `[1, 4]`. */
export const coreVersion = require('@langchain/core/package.json').version.split('.').slice(0, 2).map(Number);
const isOld = coreVersion[0] === 0;

export async function makeAgent({ model, middleware, ...fields }) {
  if (isOld) {
    const { createReactAgent } = await import('@langchain/langgraph/prebuilt');
    return createReactAgent({ llm: model, ...fields });
  }
  const { createAgent } = await import('langchain');
  return createAgent({ model, ...fields, ...(middleware && { middleware }) });
}

export async function makeMiddleware(options) {
  if (isOld) return undefined;
  const { createMiddleware } = await import('langchain');
  return createMiddleware(options);
}

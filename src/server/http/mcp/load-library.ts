import type { Server } from '@modelcontextprotocol/sdk/server/index.js';
import type { WebStandardStreamableHTTPServerTransport } from '@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js';
import type { CallToolRequestSchema, ListToolsRequestSchema } from '@modelcontextprotocol/sdk/types.js';
import { codeOf } from '../../../common/unknown-values.js';

/** The parts of the official MCP library that the server uses. */
export interface McpLibrary {
  readonly Server: typeof Server;
  readonly Transport: typeof WebStandardStreamableHTTPServerTransport;
  readonly ListToolsRequestSchema: typeof ListToolsRequestSchema;
  readonly CallToolRequestSchema: typeof CallToolRequestSchema;
}

/** Advice if the library is missing. It is no dependency, because few need it and it brings a dozen packages. */
export const MISSING_LIBRARY =
  'The MCP library is not installed. Install it beside this package, and ask again: npm install @modelcontextprotocol/sdk';

/** Loads the library. Node.js keeps what was loaded, and looks again for what was missing. Returns undefined if it is not installed. */
export async function loadLibrary(): Promise<McpLibrary | undefined> {
  try {
    const [server, transport, types] = await Promise.all([
      import('@modelcontextprotocol/sdk/server/index.js'),
      import('@modelcontextprotocol/sdk/server/webStandardStreamableHttp.js'),
      import('@modelcontextprotocol/sdk/types.js'),
    ]);
    return {
      Server: server.Server,
      Transport: transport.WebStandardStreamableHTTPServerTransport,
      ListToolsRequestSchema: types.ListToolsRequestSchema,
      CallToolRequestSchema: types.CallToolRequestSchema,
    };
  } catch (error) {
    // The second code is that of a version from before 1.25, which has no transport for Web-standard requests.
    if (
      ['ERR_MODULE_NOT_FOUND', 'ERR_PACKAGE_PATH_NOT_EXPORTED', 'MODULE_NOT_FOUND'].includes(
        String(codeOf(error)),
      )
    )
      return undefined;
    throw error;
  }
}

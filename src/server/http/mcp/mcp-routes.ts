import { Hono, type Context } from 'hono';
import { asRecord, asText, isRecord, type UnknownRecord } from '../../../common/unknown-values.js';
import type { ByteBudget } from '../../ingest/body/byte-budget.js';
import { readBody } from '../../ingest/body/read-body.js';
import { loadLibrary, MISSING_LIBRARY } from './load-library.js';
import { createMcpServer } from './mcp-server.js';
import { ToolError, type AskApi } from './tool.js';

/** Path of the MCP endpoint. */
export const MCP_PATH = '/mcp';
/** Longest call. */
const MAX_BODY = 256 * 1024;
/** Codes of JSON-RPC 2.0. */
const INVALID_REQUEST = -32_600;
const PARSE_ERROR = -32_700;
const SERVER_ERROR = -32_000;

/** Version of the tools, for clients that cache them. */
const VERSION = '1.0.0';

export interface McpParts {
  readonly budget: ByteBudget;
  /** Answers a request to the JSON API of the project. */
  readonly fetchApi: (request: Request, environment: unknown) => Response | Promise<Response>;
  readonly mayReadTexts: (c: Context) => boolean;
  readonly load?: typeof loadLibrary;
}

/**
 * `POST /mcp`: the Model Context Protocol over stateless Streamable HTTP, each answer as JSON, with the official library, which is loaded by the first
 * request. Tools ask the JSON API with the rights of the reader, so that no tool can tell more than the API.
 */
export function mcpRoutes({ budget, fetchApi, mayReadTexts, load = loadLibrary }: McpParts): Hono {
  const app = new Hono();
  app.post(MCP_PATH, async (c) => {
    const library = await load();
    if (!library) return problem(c, 501, SERVER_ERROR, MISSING_LIBRARY);
    const message = await readMessage(c, budget);
    if (message instanceof Response) return message;
    const server = createMcpServer(library, VERSION, {
      ask: askWith((request) => fetchApi(request, c.env)),
      mayReadTexts: mayReadTexts(c),
    });
    const transport = new library.Transport({ enableJsonResponse: true });
    await server.connect(transport);
    try {
      return await transport.handleRequest(c.req.raw, { parsedBody: message });
    } finally {
      await server.close();
    }
  });
  // Without sessions, there is no stream to open and nothing to delete.
  app.all(MCP_PATH, (c) => {
    c.header('allow', 'POST');
    return problem(c, 405, SERVER_ERROR, 'Only POST is answered here: this endpoint has no sessions');
  });
  return app;
}

async function readMessage(c: Context, budget: ByteBudget): Promise<UnknownRecord | Response> {
  const body = await readBody(c.req.raw, { maxBytes: MAX_BODY, budget });
  if ('problem' in body) {
    if (body.isCut) c.header('connection', 'close');
    return problem(c, body.status, INVALID_REQUEST, body.problem);
  }
  try {
    const message: unknown = JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(body.bytes));
    // Since 2025-06-18 the protocol has no batches, which could hold any number of calls.
    return isRecord(message) ? message : problem(c, 400, INVALID_REQUEST, 'The body must be one message');
  } catch {
    return problem(c, 400, PARSE_ERROR, 'The body must be JSON in UTF-8');
  } finally {
    body.release();
  }
}

function askWith(fetchApi: (request: Request) => Response | Promise<Response>): AskApi {
  return async (path, params) => {
    const response = await fetchApi(new Request(`http://localhost${path}?${params.toString()}`));
    const answer = asRecord(await response.json());
    if (response.ok) return answer;
    throw new ToolError(asText(answer['detail']) ?? `The request failed with status ${response.status}`);
  };
}

function problem(
  c: Context,
  status: 400 | 405 | 413 | 415 | 429 | 501,
  code: number,
  message: string,
): Response {
  return c.json({ jsonrpc: '2.0', error: { code, message }, id: null }, status);
}

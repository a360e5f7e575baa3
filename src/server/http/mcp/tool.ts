import type { UnknownRecord } from '../../../common/unknown-values.js';

/** One argument, as JSON Schema. */
export interface ToolArgument {
  readonly type: 'string' | 'integer';
  readonly description: string;
  readonly enum?: readonly string[];
  readonly minimum?: number;
  readonly maximum?: number;
}

export type ToolArguments = Readonly<Record<string, ToolArgument>>;

/** Asks the JSON API, with the rights of the reader. @throws ToolError */
export type AskApi = (path: string, params: URLSearchParams) => Promise<UnknownRecord>;

export interface ToolContext {
  readonly ask: AskApi;
  /** False for readers of numbers alone. */
  readonly mayReadTexts: boolean;
}

/** Function that an assistant can call. It reads, and changes nothing. */
export interface Tool {
  readonly name: string;
  readonly title: string;
  /** For the model that decides which tool to call. */
  readonly description: string;
  /** True if its answers hold texts of people. */
  readonly hasTexts: boolean;
  readonly arguments: ToolArguments;
  readonly required?: readonly string[];
  readonly run: (given: GivenArguments, context: ToolContext) => Promise<object>;
}

/** Arguments of a call, checked. */
export interface GivenArguments {
  text(name: string): string | undefined;
  count(name: string, fallback: number): number;
  /** The filters among the arguments, as parameters of the JSON API. */
  readonly filters: URLSearchParams;
}

/** A call that cannot be answered. The assistant reads the message. */
export class ToolError extends Error {
  override readonly name = 'ToolError';
}

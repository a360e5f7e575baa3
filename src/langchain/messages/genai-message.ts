/** A part of a message as the GenAI conventions write it. Binary content is named by reference or by size, never carried. */
export type MessagePart =
  | { type: 'text' | 'reasoning'; content: string }
  | { type: 'tool_call'; id?: string; name: string; arguments?: unknown }
  | { type: 'tool_call_response'; id?: string; response: unknown }
  | { type: 'uri'; modality: string; mime_type?: string; uri: string }
  | { type: 'file'; modality: string; mime_type?: string; file_id: string }
  | { type: 'blob'; modality: string; mime_type?: string; byte_size?: number }
  | { type: 'server_tool_call'; id?: string; name: string; server_tool_call: unknown }
  /** Something that this package does not know: its type is told, its content is not. */
  | { type: 'generic'; generic_type: string };

export interface InputMessage {
  role: string;
  name?: string;
  parts: MessagePart[];
}

export interface OutputMessage extends InputMessage {
  finish_reason?: string;
}

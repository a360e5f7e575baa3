/** Part of a message in the GenAI conventions. Binary content is represented by a reference or its size. */
export type MessagePart =
  | { type: 'text' | 'reasoning'; content: string }
  | { type: 'tool_call'; id?: string; name: string; arguments?: unknown }
  | { type: 'tool_call_response'; id?: string; response: unknown }
  | { type: 'uri'; modality: string; mime_type?: string; uri: string }
  | { type: 'file'; modality: string; mime_type?: string; file_id: string }
  | { type: 'blob'; modality: string; mime_type?: string; byte_size?: number }
  | { type: 'server_tool_call'; id?: string; name: string; server_tool_call: unknown }
  /** Unknown content block: only its type is recorded. */
  | { type: 'generic'; generic_type: string };

export interface InputMessage {
  role: string;
  name?: string;
  parts: MessagePart[];
}

export interface OutputMessage extends InputMessage {
  finish_reason?: string;
}

/** Part of a message in the GenAI conventions. Binary content is represented by a reference or its size. JSON leaves undefined members out. */
export type MessagePart =
  | { type: 'text' | 'reasoning'; content: string }
  | { type: 'tool_call'; id: string | undefined; name: string; arguments: unknown }
  | { type: 'tool_call_response'; id: string | undefined; response: unknown }
  | { type: 'uri'; modality: string; mime_type: string | undefined; uri: string }
  | { type: 'file'; modality: string; mime_type: string | undefined; file_id: string }
  | { type: 'blob'; modality: string; mime_type: string | undefined; byte_size: number | undefined }
  | { type: 'server_tool_call'; id: string | undefined; name: string; server_tool_call: unknown }
  /** Unknown content block: only its type is recorded. */
  | { type: 'generic'; generic_type: string };

export interface InputMessage {
  role: string;
  name?: string | undefined;
  parts: MessagePart[];
}

export interface OutputMessage extends InputMessage {
  finish_reason?: string | undefined;
}

import type { MessagePart } from './genai-message.js';
import { asText, isRecord, lookUp, type UnknownRecord } from '../../common/unknown-values.js';
import { withoutCredentials } from './scrub-text.js';

/** Type of a block → modality of the conventions. */
const MODALITIES: Readonly<Record<string, string>> = {
  image: 'image',
  image_url: 'image',
  input_image: 'image',
  audio: 'audio',
  input_audio: 'audio',
  video: 'video',
  file: 'document',
  input_file: 'document',
  document: 'document',
  'text-plain': 'document',
};

/** Block types of Google: their modality follows from the MIME type. */
const BY_MIME_TYPE = new Set(['media', 'inlineData', 'fileData']);

const MAX_URI_LENGTH = 2_000;

/** Converts a media block of a provider or of one of LangChain's two formats. Returns undefined for other blocks. */
export function mediaPart(block: UnknownRecord, type: string): MessagePart | undefined {
  const known = lookUp(MODALITIES, type);
  if (known === undefined && !BY_MIME_TYPE.has(type)) return undefined;
  const source = sourceOf(block, type);
  const mimeType = mimeTypeOf(block, source, known);
  const modality = known ?? modalityOf(mimeType);
  const common = { modality, mime_type: mimeType };

  const uri =
    asText(source['url']) ??
    asText(source['fileUri']) ??
    asText(source['image_url']) ??
    asText(source['file_url']);
  if (uri?.startsWith('data:')) return blobOfDataUrl(uri, modality);
  if (uri !== undefined)
    return { type: 'uri', ...common, uri: withoutCredentials(uri.slice(0, MAX_URI_LENGTH)) };
  const fileId = asText(source['file_id']) ?? asText(source['fileId']) ?? asText(source['id']);
  const data = source['data'] ?? source['file_data'] ?? source['bytes'];
  if (fileId !== undefined && data === undefined) return { type: 'file', ...common, file_id: fileId };
  if (typeof data === 'string' && data.startsWith('data:')) return blobOfDataUrl(data, modality);
  return { type: 'blob', ...common, byte_size: byteSize(data) };
}

/** Returns the object that holds the content or its location: the block, or one inside it. */
function sourceOf(block: UnknownRecord, type: string): UnknownRecord {
  const inner = block['source'] ?? block[type];
  if (typeof inner === 'string') return { url: inner };
  if (!isRecord(inner)) return block;
  // Bedrock: { image: { format, source: { bytes } } }
  const { source } = inner;
  return isRecord(source) ? { ...source, format: inner['format'] } : inner;
}

function modalityOf(mimeType: string | undefined): string {
  const [top] = mimeType?.split('/') ?? [];
  return top === 'image' || top === 'audio' || top === 'video' ? top : 'document';
}

function mimeTypeOf(
  block: UnknownRecord,
  source: UnknownRecord,
  modality: string | undefined,
): string | undefined {
  for (const name of ['mime_type', 'mimeType', 'media_type']) {
    const value = asText(source[name]) ?? asText(block[name]);
    if (value !== undefined) return value;
  }
  const format = asText(source['format']);
  if (format === undefined || modality === undefined) return undefined;
  if (modality === 'document') return format === 'pdf' ? 'application/pdf' : undefined;
  return `${modality}/${format}`;
}

function blobOfDataUrl(url: string, modality: string): MessagePart {
  const comma = url.indexOf(',');
  const head = url.slice('data:'.length, comma < 0 ? 100 : Math.min(comma, 100));
  const size = head.endsWith(';base64') ? base64Size(url.length - comma - 1) : undefined;
  return { type: 'blob', modality, mime_type: asText(head.split(';')[0]), byte_size: size };
}

function byteSize(data: unknown): number | undefined {
  if (typeof data === 'string') return base64Size(data.length);
  return ArrayBuffer.isView(data) ? data.byteLength : undefined;
}

function base64Size(length: number): number {
  return Math.floor((length * 3) / 4);
}

export { jsonlFile, type JsonlFileOptions } from './jsonl-file.js';

export { fileSpool, type FileSpoolOptions } from './file-spool.js';
export { jsonlFile, type JsonlFileOptions } from './jsonl-file.js';

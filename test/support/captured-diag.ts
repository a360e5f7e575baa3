// TEMPORARY: until all tests use `useDiag`.
export { useDiag as captureDiag, type CapturedLine } from './use-diag.js';

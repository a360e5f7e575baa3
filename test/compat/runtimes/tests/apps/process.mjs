// Run by Bun and Deno: node process.mjs HOST
import { ask } from './ask.mjs';

const host = globalThis.Deno ? globalThis.Deno.args[0] : process.argv[2];
console.log(JSON.stringify(await ask(host)));

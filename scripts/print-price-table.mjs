// Prints the price table of the server as JSON: `node scripts/print-price-table.mjs | less`.
import { readFileSync } from 'node:fs';
import { gunzipSync } from 'node:zlib';

const source = readFileSync('src/server/insights/prices/table/price-table-data.ts', 'utf8');
const [, packed = ''] = /'([A-Za-z0-9+/=]+)'/.exec(source) ?? [];
process.stdout.write(`${JSON.stringify(JSON.parse(gunzipSync(Buffer.from(packed, 'base64'))), null, 2)}\n`);

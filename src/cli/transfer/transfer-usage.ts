import { LOCAL_SERVER } from '../options/server-address.js';

export const IMPORT_USAGE = `opentelemetry-exporter-trubrics import FILE… [options]

Sends the records of files to a server. FILE is JSON lines, a JSON list or CSV, also with gzip; - is the standard input. Known are: the file
of "dev --file", exports of a server (JSON lines and CSV), files of jsonlFile(), items as the SDKs of Trubrics send them, and exports of
Langfuse (traces, observations and scores; give all of them in one command).
The import can be repeated without doubles, and goes on where it was interrupted.

  --to URL            server (default: the environment variable TRUBRICS_HOST, else ${LOCAL_SERVER})
                      Its key is taken from the environment variable TRUBRICS_API_KEY
  --allow-insecure    permits plain http to another machine
  --dry-run           sends nothing, and says what would be imported and left out
  --skipped F         writes a line of JSON for each thing that is left out
  --checkpoint F      file that says how far the import has come (default: the first file with .import-progress)
  --give-up-after T   ends if the server takes nothing for this time (default 10m)

Exit code: 0 if everything was imported; 3 if something was left out that should not be; 4 if the server did not take everything, and the
command can be repeated; 1 or 2 if the import cannot run
`;

export const EXPORT_USAGE = `opentelemetry-exporter-trubrics export [options] [filters]

Writes the records of a server, in the order of arrival, to the standard output or a file.

  --from URL          server, or the address of its page with project and filters (default: the environment variable TRUBRICS_HOST, else
                      ${LOCAL_SERVER}). Its token is taken from the environment variable TRUBRICS_TOKEN
  --project P         project of "serve"
  --format F          jsonl (default), which "import" reads as it is; csv, for spreadsheets; or parquet, for warehouses, which needs --output and
                      the package hyparquet-writer
  --output F, -o F    file, which appears when it is complete (default: the standard output)
  --cursor-file F     writes what has changed since the export that this file is of, and notes in it how far this one came: records that are new or
                      were replaced, and {"removed": [ids]}. Without the file, all records; after {"reset": true}, all records anew
  --give-up-after T   ends if the server does not answer for this time (default 10m)

Filters, as in the API; repeated ones are alternatives
  --user, --thread, --model, --tag, --event, --about ID, --kind prompt|event, --error true|false, --prop NAME=VALUE,
  --q WORDS, --since T, --until T (a day of the project, ISO 8601, or an age: 15m, 24h, 7d), --segment NAME,
  --internal show|hide|only (default show: unlike the page, an export has internal traffic)

Exit code: 0 if the export is complete; 4 if the server did not give all of it, and the command can be repeated; 1 or 2 if it cannot run
`;

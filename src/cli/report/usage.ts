import { LOCAL_SERVER } from '../options/server-address.js';

export const REPORT_USAGE = `opentelemetry-exporter-trubrics report [options] [filters]

Prints a period in one page: who uses it, what they ask, did they get it done, what it costs, what got worse; each compared with the period before.

Records of
  --from URL      a server, or the address of its page with project and filters (default: the environment variable TRUBRICS_HOST, else
                  ${LOCAL_SERVER}). Its token is taken from the environment variable TRUBRICS_TOKEN
  --file F        a file of "dev --file", also while it runs, or whatever "import" reads; may be repeated
  --store S       a store of "serve": file:PATH or clickhouse://user@host:8123/database; its password comes from TRUBRICS_SERVER_STORE_PASSWORD
  --project P     project of "serve", with --from or --store

Period
  --since T       its beginning (a day, ISO 8601, or an age such as 24h, 7d; default 7d); --until T its end: a day is included
  --period U      the last complete day, week or month, in place of --since
  --against A     compares with "previous" (default) or "same-weekday"
  --timezone Z    time zone of days (IANA name; default: that of the project, else of this machine)

Filters, as in the API: --user, --model, --tag, --segment, --prop NAME=VALUE; may be repeated
  --internal show counts tests, bots and colleagues as well

Output
  --format F      text (default), html or md
  --output F, -o F  writes a file, whose ending decides the format unless --format does

Exit code: 0 if the report is complete; 4 if the server did not answer, and the command can be repeated; 1 or 2 if it cannot run
`;

import { LOCAL_SERVER } from '../options/server-address.js';

export const RECOMPUTE_USAGE = `opentelemetry-exporter-trubrics recompute [options]

Computes the cost of stored records at the prices that the server has now, each at the price of its time. Without --all, only of records with
calls that have no price. A cost that was sent with a record stays. Can be repeated.

  --to URL       server, or the address of its page with its project (default: the environment variable TRUBRICS_HOST, else
                 ${LOCAL_SERVER}). Its token is taken from the environment variable TRUBRICS_TOKEN
  --project P    project of "serve"
  --since T      only records since then (a day of the project, ISO 8601, or an age: 24h, 7d); --until T likewise
  --all          also replaces costs that the server computed earlier
  --dry-run      changes nothing, and says what would change

Exit code: 0 if it is complete; 4 if the server did not answer all of it, and the command can be repeated; 1 or 2 if it cannot run
`;

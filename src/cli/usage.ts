import { DEFAULT_MAX_RECORDS } from '../server/engines/memory/memory-store.js';
import { DEFAULT_PORT } from '../server/http/start-server.js';
import { NOT_FORWARDED } from './forwarding-notices.js';

export const USAGE = `opentelemetry-exporter-trubrics <command>

Commands
  dev [options] [-- command …]   runs a local Trubrics, which receives records and spans and shows them in a web page;
                                 with a command, also runs that application, with the environment set to send to it
  serve --store STORE [options]  runs Trubrics for a team: projects, keys, any number of servers over one ClickHouse; serve --help
  migrate --store STORE          brings the schema of a ClickHouse up to date; migrate --help
  key --project P                makes a key or a token for serve, and its entry for the file of keys; key --help
  doctor [options]               checks the set-up of the application in this folder, and says what to change; doctor --help
  import FILE… [options]         sends the records of files to a server; import --help
  export [options] [filters]     writes the records of a server to a file; export --help
  report [options] [filters]     prints a week in one page: use, topics, outcomes, cost, what got worse; report --help
  recompute [options]            computes what the records of a server cost, at the prices of now; recompute --help

Options of dev
  --port N          port to listen on; 0 selects a free one (default ${DEFAULT_PORT})
  --host H          address to listen on (default 127.0.0.1); an address that is not loopback needs --token
  --file F          keeps the records in this file (JSON lines) across restarts (default: in memory)
  --max-records N   keeps the latest N records (default: the environment variable TRUBRICS_MAX_RECORDS, else ${DEFAULT_MAX_RECORDS})
  --forward-to URL  forwards all records to this ingestion API, for instance https://trubrics.example.com/api/ingestion
  --forward-key K   its API key (default: the environment variable TRUBRICS_API_KEY)
  --token T         token for the page and the API, and API key for applications
  --allow-host H    also accepts requests for this hostname; may be repeated
  --base-path P     path below which a proxy shows the server, such as /trubrics
  --trace-url U     links records to their traces, such as 'https://traces.example.com/trace/{trace_id}' (default: TRUBRICS_TRACE_URL)
  --organization-property NAME  property that names the organization of a person (default: TRUBRICS_ORGANIZATION_PROPERTY, else organization_id)
  --retention-days N       deletes records that are older
  --text-retention-days N  erases prompts, answers and other texts that are older, and keeps the numbers
  --prices F        file of own prices, read again when it changes (default: the environment variable TRUBRICS_PRICES)
  --webhook U       is told when the state of an alert changes; may be repeated (default: TRUBRICS_WEBHOOKS);
                    TRUBRICS_WEBHOOK_SECRET signs what it gets
  --private-target R  private addresses, such as 10.0.0.0/8, to which names of these services may lead; may be repeated
                    (default: TRUBRICS_PRIVATE_TARGETS)
  --label-with U    sends texts to this service, compatible with OpenAI, for intent, sentiment and outcome, such as
                    http://127.0.0.1:11434/v1 (default: TRUBRICS_LABEL_WITH); its key is TRUBRICS_LABEL_KEY
  --label-model M   its model (default: TRUBRICS_LABEL_MODEL); --label-rate N  requests in a minute (default: TRUBRICS_LABEL_RATE,
                    else 60)
  --open            opens the page in the browser

  --help, --version

Exit code: that of the command, if there is one; ${NOT_FORWARDED} if records could not be forwarded; 1 or 2 if dev cannot run
`;

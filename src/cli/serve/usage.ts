import { DEFAULT_PORT } from '../../server/http/start-server.js';

export const SERVE_USAGE = `opentelemetry-exporter-trubrics serve --store STORE [options]

Runs Trubrics for a team: any number of servers over one ClickHouse. Each option can be set by the variable in parentheses.

  --store STORE         clickhouse://user@host:8123/database, memory, file:PATH, or none with --forward-to (TRUBRICS_SERVER_STORE);
                        the password comes from TRUBRICS_SERVER_STORE_PASSWORD
  --port N              port to listen on (TRUBRICS_SERVER_PORT, default ${DEFAULT_PORT})
  --host H              address to listen on (TRUBRICS_SERVER_HOST, default 127.0.0.1); 0.0.0.0 needs keys and tokens
  --keys FILE           keys, tokens and users as JSON, read again when it changes (TRUBRICS_SERVER_KEYS_FILE)
  --quota N             records a minute that a key may write, on each server (TRUBRICS_SERVER_QUOTA)
  --user-header H       header in which an authenticating proxy names the user (TRUBRICS_SERVER_USER_HEADER)
  --trusted-proxy R,…   addresses of that proxy, for instance 10.0.0.0/8 (TRUBRICS_SERVER_TRUSTED_PROXIES)
  --may-read U,…        users of the proxy who may read texts; all others see numbers alone (TRUBRICS_SERVER_MAY_READ)
  --may-delete U,…      users of the proxy who may delete (TRUBRICS_SERVER_MAY_DELETE)
  --may-edit U,…        users of the proxy who may change views, rules and notes (TRUBRICS_SERVER_MAY_EDIT)
  --forward-to URL      forwards all records to this ingestion API (TRUBRICS_SERVER_FORWARD_TO)
  --allow-host H,…      names under which a proxy shows the server, if it does not pass Host on (TRUBRICS_SERVER_ALLOW_HOSTS)
  --base-path P         path below which a proxy shows the server (TRUBRICS_SERVER_BASE_PATH)
  --trace-url URL       links records to their traces; {trace_id} in it is replaced (TRUBRICS_TRACE_URL)
  --organization-property NAME  property that names the organization of a person (TRUBRICS_ORGANIZATION_PROPERTY, default organization_id)
  --prices FILE         own prices as JSON, read again when it changes (TRUBRICS_PRICES)
  --webhook URL,…       is told when the state of an alert changes (TRUBRICS_WEBHOOKS)
  --private-target R,…  private addresses to which names of webhooks and --label-with may lead (TRUBRICS_PRIVATE_TARGETS)
  --label-with URL      sends texts to this service, compatible with OpenAI, for intent, sentiment and outcome (TRUBRICS_LABEL_WITH)
  --label-model NAME    its model (TRUBRICS_LABEL_MODEL)
  --label-rate N        requests to it in a minute, for each project (TRUBRICS_LABEL_RATE, default 60)
  --retention-days N    deletes records that are older; by default they are kept (TRUBRICS_SERVER_RETENTION_DAYS)
  --text-retention-days N  erases prompts, answers and other texts that are older, and keeps the numbers
                        (TRUBRICS_SERVER_TEXT_RETENTION_DAYS)
  --max-records N       keeps the latest N records of a project; memory and file only (TRUBRICS_MAX_RECORDS)
  --drain-seconds N     time to end what is in flight after SIGTERM (TRUBRICS_SERVER_DRAIN_SECONDS, default 25)

Secrets come from the environment alone
  TRUBRICS_SERVER_KEYS            project=key,…             keys with which applications write
  TRUBRICS_SERVER_TOKENS          project+project=token,…   tokens of readers; * for all projects, :edit and :delete for these rights,
                                  :numbers for numbers without texts
  TRUBRICS_SERVER_STORE_PASSWORD  password of ClickHouse
  TRUBRICS_SERVER_FORWARD_KEY     key for --forward-to; TRUBRICS_SERVER_FORWARD_KEYS=project=key,… for one of each project
  TRUBRICS_SERVER_METRICS_TOKEN   token for GET /metrics
  TRUBRICS_WEBHOOK_SECRET         signs what webhooks get
  TRUBRICS_LABEL_KEY              key of the service of --label-with

Exit code: 0 after SIGTERM or SIGINT, 3 if records could not be forwarded or requests were cut off; 1 or 2 if serve cannot run
`;

export const MIGRATE_USAGE = `opentelemetry-exporter-trubrics migrate --store clickhouse://user@host:8123/database

Brings the schema of a ClickHouse up to date, and says what it did. "serve" does the same when it starts. The store can be set by the
variable TRUBRICS_SERVER_STORE, its password by TRUBRICS_SERVER_STORE_PASSWORD.
`;

export const KEY_USAGE = `opentelemetry-exporter-trubrics key --project PROJECT [--name N] [--quota N]
opentelemetry-exporter-trubrics key --token --project P,… [--numbers] [--edit] [--delete] [--name N]

Makes a random key with which applications write into a project, or with --token a token with which people read, and prints it with its entry
for the file of serve --keys: {"key" or "token": "…", "entry": {…}}. The entry holds a hash, from which the key cannot be computed.

  --project P,…   the project; of a token several, or * for all
  --token         a token for readers
  --numbers       the token shows numbers, and no texts
  --edit          the token may change views, rules and notes
  --delete        the token may delete
  --name N        name for log lines and the audit log
  --quota N       records a minute that the key may write, on each server
  --stdin         reads an existing key or token from standard input instead of making one
`;

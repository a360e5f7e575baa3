import { DEFAULT_PORT } from '../server/http/start-server.js';

export const USAGE = `opentelemetry-exporter-trubrics <command>

Commands
  dev [options] [-- command …]   runs a local Trubrics: takes what is sent to it and shows it in a web page;
                                 with a command, also runs that, with the environment set to send there

Options of dev
  --port N          port to listen at; 0 takes a free one (default ${DEFAULT_PORT})
  --host H          address to listen at (default 127.0.0.1); any other than a loopback address needs --token
  --file F          keeps the records in this file (JSON lines) across restarts (default: in memory)
  --forward-to URL  sends what arrives on to this ingestion API as well, for instance https://app.trubrics.com/api/ingestion
  --forward-key K   its API key (default: the environment variable TRUBRICS_API_KEY)
  --token T         asked for by the page, the API and, as API key, by what applications send to
  --allow-host H    also answers under this hostname; may be repeated
  --open            opens the page in the browser

  --help, --version
`;

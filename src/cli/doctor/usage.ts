export const DOCTOR_USAGE = `opentelemetry-exporter-trubrics doctor [options]

Checks the set-up of the application in this folder, and prints what to change. It reads package.json, node_modules, sources, .env files
and the environment of this terminal, and asks the server at TRUBRICS_HOST whether it takes the key. It does not start the application.

  --require FILE   also loads this file, which starts tracing, in a process of its own, and checks the tracer provider that it registers
  --spool DIR      directory of a spool to check, besides those that the sources name
  --offline        does not ask the server
  --json           prints the findings as JSON

Exit code: 0 if nothing is wrong; 1 if something is; 2 for a wrong command line
`;

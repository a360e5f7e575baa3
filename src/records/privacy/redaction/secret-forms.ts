/** Secrets that have a form of their own: keys by the prefix of their issuer, tokens, credentials in URLs. */
export const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY-----)?/g,
  // JSON Web Tokens.
  /(?<![\w-])eyJ[\w-]{8,20000}\.[\w-]{8,20000}(?:\.[\w-]{0,20000})?/g,
  // OpenAI, Anthropic, Stripe, Langfuse, Slack, GitHub, GitLab, npm, Hugging Face, Groq, SendGrid, DigitalOcean, Shopify, xAI, Perplexity,
  // LangSmith, Tavily, Vault, PyPI, Supabase, Notion, Linear, Figma, RubyGems, Grafana, PostHog, Sentry, Doppler, Square, New Relic, Pinecone.
  /(?<![\w-])(?:sk|pk|rk|whsec|xox[abeoprs]|gh[opsru]|github_pat|glpat|npm|hf|gsk|SG|dop_v1|shp(?:at|ca|pa|ss)|lsv2|tvly|xai|pplx|hvs|pypi|sbp|ntn|secret|lin_api|figd|rubygems|glsa|ph[cx]|sntrys|sq0(?:atp|csp)|NRAK|dp\.(?:pt|st)|r8|pcsk)[-_.](?=[\w.-]{0,100}\d)(?=[\w.-]{0,100}[a-zA-Z])(?![\w-]*-\d{4}-)(?:\w{2,12}[-_.]){0,3}\w{16,500}[\w.-]{0,500}/g,
  // Slack, SendGrid, Langfuse, whose keys have short parts.
  /(?<![\w-])(?:xox[abeoprs]-|SG\.|[sp]k-lf-)(?=[\w.-]{0,100}\d)[\w.-]{12,500}/g,
  // AWS, Google, Databricks, Facebook, Atlassian, Mailgun, Twilio, Telegram, Discord.
  /(?<![\w-])(?:A[KS]IA[0-9A-Z]{16}|AIza[\w-]{30,60}|ya29\.[\w-]{10,2000}|dapi[0-9a-f]{32}|EAA[A-Za-z0-9]{60,500}|ATATT3[\w=-]{40,300}|key-[0-9a-f]{32}|(?:AC|SK)[0-9a-f]{32}|\d{8,10}:AA[\w-]{33}|[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40})(?![\w-])/g,
  /(?<![\w-])(?:Bearer|Basic)\s{1,3}(?=[\w.~+/-]{0,100}(?:\d|={1,2}(?!\w)))(?=[\w.~+/-]{0,100}[a-zA-Z])[\w.~+/-]{12,4000}={0,2}/gi,
  /(?<=\b[Bb]asic\s{1,3})(?=[A-Za-z\d+/]{0,40}[a-z][A-Z])[A-Za-z\d+/]{12,4000}={0,2}/g,
  /(?<=:\/\/[^\s/:@]{0,100}:)[^\s/]{1,200}(?=@)/g,
  /(?<=[?&]sig=)[\w%+/-]{20,200}/g,
  /(?<=hooks\.slack\.com\/services\/)[\w/]{20,100}/g,
];

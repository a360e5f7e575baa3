/** Secrets that have a form of their own: keys by the prefix of their issuer, tokens, credentials in URLs. */

/** Prefixes of keys, each followed by a hyphen, an underscore or a dot, and then by at least 16 letters and digits. */
const PREFIXES = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek, Stripe, Langfuse, ElevenLabs, Clerk, Paystack, Mapbox; webhook secrets; Cerebras.
  String.raw`sk|pk|rk|whsec|csk`,
  // Groq, xAI, Perplexity, Replicate, Pinecone, Tavily, LangSmith, Hugging Face, Nvidia, Fireworks, Voyage.
  String.raw`gsk|xai|pplx|r8|pcsk|tvly|lsv2|hf|nvapi|fw|pa`,
  // GitHub, GitLab, Bitbucket, npm, PyPI, RubyGems, Clojars, Docker Hub, Sonar, Sourcegraph, Buildkite, CircleCI, Pulumi.
  String.raw`gh[opsru]|github_pat|gl(?:pat|dt|rt|cbt|ptt|ft|soat|imt|oas|agent)|BBDC|npm|pypi|rubygems|CLOJARS`,
  String.raw`dckr_(?:pat|oat)|sq[aup]|sgp|bk[uac]a|CCI(?:PAT|PRJ)|pul`,
  // Slack, Notion, Linear, Figma, Airtable, Typeform, Contentful, Postman, HubSpot, Readme, 1Password.
  String.raw`xox[abceoprs]|xapp|ntn|secret|lin_(?:api|oauth)|fig[dou]|tfp|CFPAT|PMAK|pat-(?:na|eu)\d|rdme|ops`,
  // SendGrid, Brevo, Resend, Mailgun, Square, Shopify, Razorpay, Flutterwave, Shippo, Duffel, EasyPost.
  String.raw`SG|xkeysib|xsmtpsib|re|sq0(?:atp|csp|idp)|shp(?:at|ca|pa|ss)|rzp|FLWSECK(?:_TEST)?|shippo|duffel`,
  // DigitalOcean, Netlify, Render, Neon, Supabase, PlanetScale, Fly, Heroku, Tailscale, Cloudflare, Databricks, Vercel.
  String.raw`do[opr]_v1|nf[pc]|rnd|napi|sb[ps]|pscale_(?:tkn|pw|oauth)|fo1|HRKU|tskey|v1\.0|vc[paik]`,
  // Vault, Doppler, Prefect, Infracost, Grafana, PostHog, Sentry, New Relic, Dynatrace, LaunchDarkly, Octopus.
  String.raw`hv[sbr]|dp\.(?:pt|st|ct|sa|scim|audit)|pnu|ico|gl(?:sa|c)|ph[cx]|sntry[su]|NR(?:AK|JS|II|AA)|dt0[cs]\d\d|(?:sdk|mob|api)|API`,
];

const HAS_DIGIT_AND_LETTER = String.raw`(?=[\w.-]{0,100}\d)(?=[\w.-]{0,100}[a-zA-Z])`;

export const SECRETS: readonly RegExp[] = [
  /-----BEGIN [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----[^-]{0,20000}(?:-----END [A-Z ]{0,40}PRIVATE KEY(?: BLOCK)?-----)?/g,
  // JSON Web Tokens.
  /(?<![\w-])eyJ[\w-]{8,20000}\.[\w-]{8,20000}(?:\.[\w-]{0,20000})?/g,
  new RegExp(
    String.raw`(?<![\w-])(?:${PREFIXES.join('|')})[-_.]${HAS_DIGIT_AND_LETTER}(?![\w-]*-\d{4}-)(?:\w{2,12}[-_.]){0,3}\w{16,500}[\w.-]{0,500}`,
    'g',
  ),
  // Other issuers whose prefix says that it is a key: `acme_live_…`, `acme_pat_…`.
  new RegExp(
    String.raw`(?<![\w-])[a-z]{2,12}_(?:pat|tkn|key|token|secret|live|test|prod|api|sk|auth|oauth)[-_]${HAS_DIGIT_AND_LETTER}(?:\w{2,12}[-_.]){0,2}[A-Za-z\d]{16,500}(?![\w-])`,
    'g',
  ),
  // Slack, SendGrid, Langfuse, HubSpot, LaunchDarkly, whose keys have short parts.
  /(?<![\w-])(?:xox[abceoprs]-|SG\.|[sp]k-lf-|pat-(?:na|eu)\d-|(?:sdk|mob|api)-(?=[\da-f]{8}-))(?=[\w.-]{0,100}\d)[\w.-]{12,500}/g,
  // AWS, Google, Databricks, Facebook, Atlassian, Mailgun, Twilio, Alibaba, EasyPost, Square, age.
  /(?<![\w-])(?:A(?:[KS]I|BI|CC)A[0-9A-Z]{16}|AIza[\w-]{30,60}|GOCSPX-[\w-]{20,60}|ya29\.[\w-]{10,2000}|1\/\/0[\w-]{12,500}|dapi[0-9a-f]{32}(?:-\d)?|EAA[A-Za-z0-9]{60,500}|ATATT3[\w=-]{40,300}|ATCTT3[\w=-]{40,300}|key-[0-9a-f]{32}|(?:AC|SK)[0-9a-f]{32}|LTAI[A-Za-z0-9]{16,24}|EZ[AT]K[A-Za-z0-9]{54}|EAAA[\w-]{56,64}|AGE-SECRET-KEY-1[A-Z\d]{58})(?![\w-])/g,
  // Telegram, Discord, Microsoft Entra, Mailchimp, Airtable, Terraform Cloud, OpenShift, Okta.
  /(?<![\w-])(?:\d{8,10}:AA[\w-]{33}|[MNO][\w-]{23,27}\.[\w-]{6}\.[\w-]{27,40}|[\w~.-]{3}\dQ~[\w~.-]{31,34}|[0-9a-f]{32}-us\d{1,2}|pat[A-Za-z\d]{14}\.[0-9a-f]{64}|[A-Za-z\d]{14}\.atlasv1\.[\w-]{60,70}|sha256~[\w-]{43}|SSWS \w[\w-]{30,60})(?![\w-])/g,
  /(?<![\w-])(?:Bearer|Basic)\s{1,3}(?=[\w.~+/-]{0,100}(?:\d|={1,2}(?!\w)))(?=[\w.~+/-]{0,100}[a-zA-Z])[\w.~+/-]{12,4000}={0,2}/gi,
  /(?<=\b[Bb]asic\s{1,3})(?=[A-Za-z\d+/]{0,40}[a-z][A-Z])[A-Za-z\d+/]{12,4000}={0,2}/g,
  // The password of a URL, and a key that is its user (Sentry).
  /(?<=:\/\/[^\s/:@]{0,100}:)[^\s/]{1,200}(?=@)/g,
  /(?<=:\/\/)[0-9a-f]{32}(?=@)/g,
  /(?<=[?&]sig=)[\w%+/-]{20,200}/g,
  // Addresses that are secrets: webhooks of Slack, Discord and Microsoft Teams.
  /(?<=hooks\.slack\.com\/(?:services|workflows|triggers)\/)[\w/]{20,100}/g,
  /(?<=discord(?:app)?\.com\/api\/webhooks\/)\d{15,20}\/[\w-]{40,100}/g,
  /(?<=\.webhook\.office\.com\/webhookb2\/)[\w@/-]{60,300}/g,
];

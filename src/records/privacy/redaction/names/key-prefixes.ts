/** Beginnings of keys that nothing else has, by issuer. */
export const KEY_PREFIXES: readonly string[] = [
  // OpenAI, Anthropic, OpenRouter, DeepSeek, Stripe, Langfuse, ElevenLabs, Clerk, Paystack, Mapbox; Groq, xAI, Cerebras, Perplexity.
  'sk-|sk_|pk_|rk_|whsec_|csk-|gsk_|xai-|pplx-|sk-ant-|rpa_|tgp_v1_|vck_',
  // Replicate, Pinecone, Tavily, LangSmith, Hugging Face, Nvidia, Voyage, Fireworks, Jina, Together, Exa, Fal, Mistral, Cohere.
  'r8_|pcsk_|tvly-|lsv2_|ls__|hf_|api_org_|nvapi-|jina_|cpk_|esecret_|esk_|apify_api_|aai_|sgai-|dsk-',
  // GitHub, GitLab, Bitbucket, npm, PyPI, RubyGems, Clojars, Docker Hub, Sonar, Sourcegraph, Buildkite, CircleCI, Pulumi.
  'ghp_|gho_|ghs_|ghu_|ghr_|github_pat_|glpat-|gldt-|glrt-|glcbt-|glptt-|glft-|glsoat-|glimt-|gloas-|glagent-|glffct-|glrtr-|BBDC-',
  'npm_|pypi-|rubygems_|CLOJARS_|dckr_pat_|dckr_oat_|sqa_|squ_|sqp_|sgp_|slk_|bkua_|bkca_|bkaa_|bkct_|bkat_|CCIPAT_|CCIPRJ_|pul-|ops_eyJ',
  // Slack, Notion, Linear, Figma, Airtable, Typeform, Contentful, Postman, Readme, 1Password, Asana, Miro, ClickUp, Monday, Zoom.
  'xoxb-|xoxp-|xoxa-|xoxe-|xoxs-|xoxr-|xoxo-|xoxc-|xoxd-|xapp-|ntn_|lin_api_|lin_oauth_|lin_wh_|figd_|figo_|figu_|tfp_|CFPAT-|PMAK-|PMAT-|rdme_|pk_live_|clp_',
  // SendGrid, Brevo, Mailgun, Square, Shopify, Razorpay, Flutterwave, Shippo, Duffel, EasyPost, Adyen, Mollie, PayPal, Lemon Squeezy, Paddle.
  'SG.|xkeysib-|xsmtpsib-|sq0atp-|sq0csp-|sq0idp-|shpat_|shpca_|shppa_|shpss_|shpua_|rzp_live_|rzp_test_|FLWSECK-|FLWSECK_|FLWPUBK-|shippo_|duffel_|pdl_|pdl_live_|cfsk_|sk_prod_|tok_live_',
  // DigitalOcean, Netlify, Render, Neon, Supabase, PlanetScale, Fly, Heroku, Tailscale, Cloudflare, Databricks, Vercel, Turso, Scaleway.
  'dop_v1_|doo_v1_|dor_v1_|nfp_|nfc_|nfb_|rnd_|napi_|sbp_|sbs_|sb_secret_|sb_publishable_|pscale_tkn_|pscale_pw_|pscale_oauth_|fo1_|fm1_|fm1a_|fm1r_|fm2_|FlyV1|HRKU-|tskey-|v1.0-|vcp_|vca_|vci_|vcr_|vck_|lnd_|cfut_|cfat_',
  // Vault, Doppler, Prefect, Infracost, Grafana, PostHog, Sentry, New Relic, Dynatrace, LaunchDarkly, Octopus, Snyk, Honeycomb, Datadog.
  'hvs.|hvb.|hvr.|dp.pt.|dp.st.|dp.ct.|dp.sa.|dp.scim.|dp.audit.|pnu_|pnb_|ico-|glsa_|glc_|phc_|phx_|phs_|sntrys_|sntryu_|sntrya_|sntryi_|NRAK-|NRJS-|NRII-|NRAA-|NRRA-|NRBR-|NRIQ-|NRSP-|dt0c01.|dt0s01.|dt0s02.|dt0s03.|dt0s08.|dt0s16.|hcaik_|hcbik_|hcxik_|hcamk_|snyk_uat.|ddapp_|ddpat_|axt-|xaat-|xapt-|tfc_|atlasv1.|sm_aat_|sm_pat_|sm_sat_|wsk_|lcl_|secret-test-|secret-live-|project-live-|sk_test_',
  // Telegram, Discord, Twitch, Zendesk, Intercom, Freshdesk, Algolia, Typesense, Meilisearch, Weaviate, Zilliz, Upstash, Ngrok, Mux, Plaid.
  'access-sandbox-|access-development-|access-production-|public-sandbox-|ngrok_|tskey-auth-|tskey-api-|tskey-client-|p8e-|fio-u-|s-s4t2ud-|s-s4t2af-|authress_|scauth_|tk-us-|ory_at_|ory_rt_|ory_st_|ory_pat_|zpka_|dvc_|sfp_|gto_|gta_|lkey_|signkey-|signkey-prod-|signkey-test-|tr_dev_|tr_prod_|tr_pat_|plk_|cal_live_|cal_test_',
];

/** Beginnings that are words of code and prose too. */
export const WORD_PREFIXES =
  'secret_|api_|re_|pa_|pa-|fw_|ops_|pul_|key_|token_|sdk_|auth_|client_|live_|access_|bot_|at_|rt_|st_|tok_|key-|token-|secret-|api-|pat_|refresh_|ak_|ak-|as-|sa_|svc_|bearer_|webhook_|wh_|sec_|password_|pass_|pwd_|ci_|hook_|v1_|v2_|v3_|client-|console-|sdk-|mob-|rel-|srv-|server-|env-|fw-|LIVE_|SCW|hex_|bt_|cr_|sc_|ext_|uk_|kp_|ld_|ww_|lm-|hub_|wk_|crates_|cod_|novu_|loops_|cal_|railway_|mollie_|sandbox_|pat-|uptimerobot_|opaque_|rootly_|flagsmith_|gitea_|forgejo_|infracost_|hcloud_|koyeb_|workos_|mezmo_|canny_|firecrawl_|helicone-|lf_|oauth2_|pk-|rk-|sk.|pk.|tk.|API-|fc-|resend_|calcom_|env0_|inngest_|unkey_|gocardless_|statsig-|lgcy_|crt_|spk_|ntn-|stytch_|BSA-';

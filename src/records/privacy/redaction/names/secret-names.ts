/** Words for a password, by language. A space stands for a space, a hyphen, an underscore or nothing. Endings may follow. */
export const PASSWORD_NAMES: Readonly<Record<string, string>> = {
  English:
    'password|passwd|passwort|passphrase|pass phrase|passcode|pass code|pass word|passwrd|pswd|login credentials',
  German: 'passwort|passwörter|kennwort|paßwort|zugangswort|losungswort|wlan schlüssel|wlan key',
  French: 'mot de passe|mots de passe|code secret|phrase secrète',
  'Spanish, Catalan, Galician': 'contraseña|contrasena|contraseñas|contrasenya|contrasinal',
  Italian: "parola d'ordine|parola chiave|parola di accesso|parola segreta",
  Portuguese: 'palavra passe|palavra chave|palavra-passe|senha',
  'Dutch, Afrikaans': 'wachtwoord|wagwoord|toegangscode',
  Nordic: 'lösenord|passord|adgangskode|kodeord|løsen|salasana|tunnussana|lykilorð|aðgangsorð',
  'Polish, Czech, Slovak': 'hasło|hasła|hasłem|heslo|hesla|heslem',
  'Hungarian, Romanian, Albanian': 'jelszó|jelszav|jelszo|jelszava|parolă|fjalëkalim|fjalekalim',
  'Croatian, Serbian, Slovenian': 'lozinka|lozinku|lozinke|zaporka|šifra|geslo|лозинка|лозинку|шифра',
  Baltic: 'salasõna|parool|slaptažod|slaptazod',
  'Greek, Turkish':
    'κωδικός|κωδικό|κωδικος|κωδικού|συνθηματικό|συνθηματικο|şifre|sifre|parola|parola|şifrem|şifresi',
  Slavic: 'пароль|пароля|паролем|паролата|парола|пароль от|құпия сөз|құпиясөз|құпия сөзі',
  Semitic:
    'كلمة المرور|كلمة مرور|كلمة السر|كلمة سر|كلمه المرور|كلمه السر|الرقم السري|الباسورد|باسورد|סיסמה|סיסמא|הסיסמה|סיסמת|رمز عبور|گذرواژه|پسورد|پاس ورڈ|پاسورڈ',
  'South Asian': 'पासवर्ड|পাসওয়ার্ড|கடவுச்சொல்|పాస్‌వర్డ్|ಪಾಸ್ವರ್ಡ್|પાસવર્ડ',
  'Southeast Asian':
    'รหัสผ่าน|พาสเวิร์ด|mật khẩu|matkhau|mật mã|kata sandi|sandi|katasandi|kata laluan|katalaluan|nenosiri|nywila|jelszo',
  'East Asian': '密码|密碼|口令|パスワード|暗証番号|合言葉|비밀번호|비번|암호|패스워드',
};

/** Abbreviations and words of other meanings: they begin where no letter or digit precedes, and have no endings. */
export const SHORT_PASSWORD_NAMES =
  'pass|pwd|pw|psw|pswd|psk|mdp|pws|passwd|clave|claves|clau|senha|senhas|parola|parole|hasło|heslo|geslo|sandi|şifre|kod|wpa passphrase|pre shared key|preshared key|wpa key|wifi key|wlan key|pass key|ww|pwds|pword|passw|lösen|pasvord|pasahitza|cyfrinair|pasfhocal|focal faire|phrase de passe|wepkey|wep key|requirepass|masterauth|userpass|dbpass|secretkey|pin code|wi fi key|router key|network key|wpa2 key|wpa3 key|code wifi|code wi fi|code du wifi|clave wifi|codice wifi|código wifi|wifi code|wlan code|รหัส wifi|รหัส wi fi|wifi pass';

/** Words for keys and tokens. */
export const KEY_NAMES =
  "api key|api keys|access key|access keys|secret key|private key|signing key|signature key|encryption key|decryption key|account key|auth key|master key|admin key|server key|client key|service key|service role key|storage key|storage account key|subscription key|license key|licence key|product key|activation key|app key|application key|integration key|integrator key|ingest key|ingestion key|write key|read key|rest key|routing key|shared key|shared access key|primary key is|publishable key|restricted key|live key|test key|host key|function key|session key|deploy key|project key|webhook key|recovery key|backup key|unlock key|bot key|user key|consumer key|customer key|partner key|merchant key|hmac key|jwt key|cookie key|crypto key|data key|aes key|rsa key|secret key base|secret|secrets|secret id|client secret|app secret|consumer secret|shared secret|webhook secret|jwt secret|signing secret|totp secret|totp|otp secret|2fa secret|mfa secret|token|tokens|access token|auth token|oauth token|bearer token|refresh token|id token|api token|session token|bot token|personal access token|personal token|deploy token|push token|device token|security token|csrf token|xsrf token|verification token|user token|access tokens|sas token|pat|credential|credentials|creds|apikey|authkey|accesskey|secretkey|privatekey|session id|sessionid|session|sid|sessid|csrf|jwt|bearer|sas|salt|seed|pepper|mnemonic|dsn|auth|authorization|clé|clé api|clé secrète|clé privée|clé d'api|clé d'accès|jeton|jeton d'accès|clave secreta|clave api|clave de api|clave privada|clave de acceso|token de acceso|llave|llave api|llave secreta|geheimschlüssel|schlüssel|api schlüssel|zugriffsschlüssel|zugangsschlüssel|lizenzschlüssel|produktschlüssel|chiave|chiave api|chiave segreta|chiave privata|chave|chave api|chave de api|chave secreta|chave de acesso|sleutel|api sleutel|nyckel|api nyckel|nøkkel|nøgle|avain|api avain|klucz|klucz api|klíč|api klíč|kľúč|kulcs|api kulcs|cheie|cheia|ključ|ключ|ключ api|api ключ|токен|секрет|секретный ключ|κλειδί|anahtar|anahtarı|api anahtarı|api anahtarım|مفتاح|مفتاح api|الرمز|מפתח|टोकन|密钥|密鑰|秘钥|令牌|金鑰|キー|apiキー|トークン|シークレット|鍵|키|api키|api 키|토큰|비밀키|khóa|khóa api|kunci|kunci api|คีย์|โทเค็น";

/** Services whose keys have no form of their own. */
export const SERVICES =
  'adafruit|adobe|adyen|aiven|airtable|akamai|alchemy|algolia|alibaba|amplitude|anyscale|apify|appcenter|asana|assemblyai|auth0|authy|backblaze|beamer|bitbucket|bitly|bittrex|binance|braintree|branch|brevo|browserstack|bugsnag|cartesia|circleci|clarifai|clearbit|clickup|cloudflare|cloudinary|cloudsmith|codecov|cohere|coinbase|coinmarketcap|confluent|contentful|copilot|coveralls|datadog|datarobot|deepgram|deepl|deepseek|discord|docusign|droneci|dropbox|dynatrace|elastic|elevenlabs|etherscan|etsy|eventbrite|exa|facebook|fastly|fastspring|finnhub|firebase|flickr|freshbooks|freshdesk|freshworks|front|gemini|geocodio|giphy|gitea|github|gitlab|gitter|gocardless|google maps|grafana|groq|helicone|heroku|honeybadger|honeycomb|hubspot|huggingface|hugging face|infura|instagram|intercom|ipinfo|ipstack|jenkins|jfrog|artifactory|jina|jira|kakao|klaviyo|kraken|kucoin|langsmith|lemonsqueezy|linear|linkedin|lob|logdna|loggly|logz|looker|mailchimp|mailgun|mailjet|mandrill|mapbox|mattermost|meraki|messagebird|milvus|mistral|mixpanel|monday|moralis|mux|netlify|new relic|newsapi|ngrok|novu|nytimes|okta|onesignal|openai|openweather|openweathermap|opsgenie|optimizely|pagerduty|paypal|pinecone|pinterest|pipedrive|plaid|plivo|polygon|postmark|prefect|prismic|pubnub|pusher|qdrant|quicknode|rapidapi|razorpay|recaptcha|replicate|rollbar|runpod|salesforce|scaleway|segment|sendbird|sendgrid|sendinblue|sentry|serpapi|serper|shodan|shopify|signalwire|slack|snyk|sonarcloud|sonarqube|sparkpost|spotify|square|squarespace|stability|statuspage|strapi|stripe|sumologic|sumo|supabase|tavily|telegram|telnyx|tiktok|tmdb|todoist|together|travis|trello|turso|twilio|twitch|twitter|typeform|unsplash|upstash|uptimerobot|vercel|virustotal|vonage|nexmo|vultr|wakatime|weatherapi|weaviate|webflow|wistia|wolfram|woocommerce|xero|yandex|yelp|youtube|wandb|weights and biases|kaggle|comet|zilliz|modal|scw|wasabi|minio|linode|hetzner|hcloud|digitalocean|neon|render|railway|doppler|infisical|launchdarkly|posthog|npm|pypi|nuget|docker hub|dockerhub|aws|azure|azure devops|anthropic|claude|perplexity|nvidia|voyage|fireworks|cerebras|planetscale|tailscale|buildkite|terraform|pulumi|figma|notion|dbt|databricks|snowflake|ovh|ably|twilio|vault|consul|ghcr|jwt|ssh|ftp|smtp|imap|zapier|zendesk|zenrows|zoho|zoom';

/** Words between a name and its value, by which the value is stated: "is", "lautet", "jest". */
export const COPULAS =
  "is|are|was|will be|should be|set to|to|as|now|ist|sind|war|lautet|heißt|heisst|auf|zu|est|c'est|sera|es|era|son|será|a|por|è|e'|era|sarà|é|foi|são|está|is nu|wordt|luidt|är|er|on|oli|je|jest|to|to je|to jest|brzmi|este|e|е|sunt|a fost|это|є|це|је|είναι|ειναι|هو|هي|ہے|hai|है|آست|است|הוא|היא|nó là|là|adalah|ialah|คือ|เป็น|ni|yra|ir|var|olarak|van|viola|es ahora|por|como|en";

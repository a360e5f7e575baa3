/** Secrets among the arguments of commands and functions. */
import { once } from '../../../common/collections/once.js';
import type { NamedValue } from './named-values.js';
import { matchAt } from './named-values.js';
import { keyAt, mixedAt, optionAt, passwordAt, passwordHere, variableAt } from './secret-values.js';

/** Commands whose option of one letter has a password or key as its value. */
const SHORT_OPTIONS: readonly (readonly [commands: string, option: string])[] = [
  [
    'sshpass|docker login|podman login|mongo|mongosh|mongodump|mongorestore|mongoimport|mongoexport|az login|oc login|cqlsh|rdesktop|crackmapexec|nxc|netexec|evil-winrm|htpasswd|useradd|usermod|jmx|kinit|ipmitool|svn|ncrack|arangosh|cypher-shell|influx|helm registry login|nerdctl login|buildah login|skopeo login|mosquitto_pub|mosquitto_sub|kcadm\\.sh|puttygen|snowsql|clickhouse-client|tabcmd|jira|twine|smbmap|plink|pscp|psftp',
    'p|pw|P',
  ],
  [
    'sqlcmd|bcp|osql|isql|unzip|zip|ipmitool|mosquitto_pub|mosquitto_sub|dsconf|ttisql|tdsql|unrar|osql|keepassxc-cli',
    'P|w',
  ],
  ['redis-cli|snmpwalk|snmpget|cadaver', 'a|A|X'],
  ['ldapsearch|ldapadd|ldapmodify|ldapwhoami|ldappasswd|ldapdelete|ldapcompare|openconnect', 'w|W|s'],
  ['openssl|gpg|enc', 'k|K|pass'],
  ['nuget push|nuget|dotnet nuget push|choco push|octo', 'k'],
  ['keytool|jarsigner', 'storepass|keypass|srcstorepass|deststorepass'],
];

/** Arguments between a command and its option. */
const ARGUMENTS = String.raw`(?:[ \t]{1,2}(?:"[^"\n]{0,80}"|'[^'\n]{0,80}'|[^\s"']{1,80})){0,10}?[ \t]{1,2}`;

export const commandSecrets = /* @__PURE__ */ once((): readonly NamedValue[] => [
  ...SHORT_OPTIONS.map(([commands, option]): NamedValue => ({
    kind: 'secret',
    needs: ' -',
    name: new RegExp(
      String.raw`(?<![\w-])(?:${commands})${ARGUMENTS}-{1,2}(?:${option})(?:[ \t=]{1,3}|(?=\S))`,
      'g',
    ),
    valueAt: optionAt,
  })),
  // The option of the MySQL clients, of rar and of 7-Zip has no space before its value.
  {
    kind: 'secret',
    name: new RegExp(
      String.raw`(?<![\w-])(?:mysql(?:dump|admin|import|show|check|pump)?|mariadb(?:-dump|-admin)?|7z[ar]?|rar|unrar|xfreerdp)${ARGUMENTS}(?:-(?:hp|p)|/p:)(?=\S)`,
      'g',
    ),
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    name: /(?<![\w-])-{1,2}(?:[a-z]{1,20}-)?(?:password|passwd|passphrase|pass|pwd|token|api-?key|secret|secret-?key|access-?key|auth-?token|storepass|keypass|credentials?|client-secret|http-password|ftp-password|admin-password|registry-password|passin|passout|requirepass|masterauth|pw|license-key)(?:[ \t]{1,3}|=)(?:pass:)?/gi,
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    needs: 'gh secret set ',
    name: /\bgh secret set [^\n]{0,80}?(?:--body|-b)[ =]/g,
    valueAt: optionAt,
  },
  { kind: 'secret', needs: ' -', name: /(?<![\w-])-{1,2}pass(?:in|out)? (?:pass:)/g, valueAt: variableAt },
  // curl -u name:x, smbclient -U name%x, lftp -u name,x
  {
    kind: 'secret',
    needs: '-',
    name: /(?<![\w-])(?:-u|-U|-a|--auth|--user|--proxy-user|--creds|--userpwd)[ =]{1,3}["']?[^\s:%,"']{1,60}[:%,]/g,
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    name: /(?<![\w-])(?:net use|cmdkey|runas|schtasks|wmic|psexec)[^\n]{0,120}?\/(?:u|user|ru):\S{1,60} (?:\/(?:p|rp|pass|password)[: ])?/gi,
    valueAt: optionAt,
  },
  { kind: 'secret', needs: ' /', name: /(?<=\s)\/(?:p|pass|password|rp):/gi, valueAt: optionAt },
  // net use Z: \\server\share x /user:name
  {
    kind: 'secret',
    needs: 'net use',
    name: /(?<![\w-])net use(?: [A-Z]:| \*)? \\\\\S{1,80} (?!\/)/gi,
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    needs: 'net user ',
    name: /(?<![\w-])net user(?: \/add)? \w{1,40} (?!\/)/gi,
    valueAt: optionAt,
  },
  // echo 'name:x' | chpasswd, echo x | sudo -S
  {
    kind: 'secret',
    needs: 'echo ',
    name: /(?<=\becho (?:-n )?["']?)[\w.-]{1,40}:(?=[^\n|]{1,80}\| ?(?:sudo )?(?:\/usr\/sbin\/)?chpasswd)/g,
    valueAt: matchAt(/[^\s"'|]{4,80}/y),
  },
  {
    kind: 'secret',
    needs: ' | ',
    name: /(?<=\b(?:echo|printf) (?:-n )?)(?=["']?[^\s|$]{4,80}["']? ?\| ?(?:sudo -S|sudo passwd|passwd --stdin|docker login|podman login|gpg --batch|su -|kinit|cryptsetup|helm registry login|vncpasswd|openssl))/g,
    valueAt: variableAt,
  },
  // Functions: auth=('name', 'x'), define('DB_PASSWORD', 'x'), new NetworkCredential("name", "x")
  {
    kind: 'secret',
    needs: ',',
    name: /(?<![\w])(?:\w{0,30}(?:auth|credentials?|login|authenticate|sign_?in|connect|basic_auth|userpass))\s{0,2}[=:]?\s{0,2}[([{]{1,2}\s{0,2}(?:u|b|r|user=)?["'][^"'\n]{1,60}["'],\s{0,3}/gi,
    valueAt: passwordAt,
  },
  {
    kind: 'secret',
    name: /\bidentified (?:with \w{1,40} )?by (?:password )?(?=["'`]?\w)/gi,
    valueAt: passwordHere,
  },
  {
    kind: 'secret',
    name: /\bidentified (?:with \w{1,40} )?by (?:password )?(?=["'])/gi,
    valueAt: variableAt,
  },
  // vault login x, rabbitmqctl add_user name x, aws configure set aws_secret_access_key x
  {
    kind: 'secret',
    needs: 'vault login',
    name: /\bvault login (?:-\S{1,40} ){0,3}(?:token=)?/g,
    valueAt: keyAt,
  },
  {
    kind: 'secret',
    name: /\b(?:add_user|change_password|adduser|--create-user|createuser|authenticate_user) ["']?[\w.@-]{1,60}["']? /g,
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    needs: 'htpasswd ',
    name: /\bhtpasswd (?:-\w{1,6} ){1,4}\S{1,80} \S{1,60} /g,
    valueAt: optionAt,
  },
  {
    kind: 'secret',
    name: /(?<![\w-])(?:AUTH|auth)[ \t](?:default |\w{1,30} )?(?=["']?\w)/g,
    valueAt: mixedAt(10),
  },
  { kind: 'secret', name: /(?<![\w-])requirepass[ \t]{1,4}|\bmasterauth[ \t]{1,4}/g, valueAt: variableAt },
  {
    kind: 'secret',
    needs: 'sqlplus ',
    name: /\bsqlplus (?:-\w{1,10} ){0,3}\w{1,40}\/(?=[^\s/@]{4,60}@)/gi,
    valueAt: matchAt(/[^\s/@]{4,60}/y),
  },
  {
    kind: 'secret',
    needs: ':',
    name: /\b(?:thin|oci|oci8):[\w.]{1,40}\/(?=[^\s/@]{3,60}@)/gi,
    valueAt: matchAt(/[^\s/@]{3,60}/y),
  },
  {
    kind: 'secret',
    needs: 'snmp',
    name: /\bsnmp-server community |\bsnmp(?:walk|get|set|bulkwalk) (?:-\S{1,10} ){0,4}-c /g,
    valueAt: optionAt,
  },
  // kinit name <<< x
  { kind: 'secret', needs: '<<<', name: /<<< ?(?=["'\w])/g, valueAt: passwordHere },
  {
    kind: 'secret',
    needs: 'ssh-keygen',
    name: /\bssh-keygen (?:-\S{1,20} (?:[^\s-]\S{0,60} )?){0,6}-[NP] /g,
    valueAt: optionAt,
  },
  // A line of .pgpass
  {
    kind: 'secret',
    needs: ':',
    name: /(?<![\w.:/-])[\w.*-]{1,80}:(?:\d{4,5}|\*):[\w*-]{1,60}:[\w.*-]{1,60}:(?=\S)/g,
    valueAt: passwordHere,
  },
]);

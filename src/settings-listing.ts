import { limitSetting, type Settings } from './config.js';

/** The settings in force, one `NAME=value` a line, as the environment would give them; secrets are masked. */
export function listSettings(settings: Settings): string {
  const lines = {
    NODE_ENV: settings.production ? 'production' : 'development',
    HOST: settings.host,
    PORT: settings.port,
    // A path may hold whatever a URL is told by.
    DATABASE_URL: settings.databaseUrl.startsWith('sqlite:')
      ? settings.databaseUrl
      : withoutSecrets(settings.databaseUrl),
    RELAY_URL: relayOf(settings),
    RELAY_PREFIX: settings.relay?.prefix ?? '',
    RELAY_USER_CHANNELS: settings.relay?.userChannels ?? '',
    RELAY_CONTENT: settings.relay?.content ?? '',
    NODE_ID: settings.nodeId ?? '',
    TRUST_PROXY: settings.trustProxy.join(','),
    PROXY_HEADERS: settings.proxyHeaders,
    STOMP_TCP_PORT: settings.stompTcpPort ?? '',
    TLS_CERT_FILE: settings.tls?.certFile ?? '',
    TLS_KEY_FILE: settings.tls?.keyFile ?? '',
    TLS_PORT: settings.tls?.port ?? '',
    COMPRESSION: settings.compression,
    DIALECTS: settings.dialects.join(),
    PRESENCE: settings.presence,
    ALLOWED_ORIGINS: settings.allowedOrigins.join(','),
    ...('jwksUrl' in settings.tokens
      ? {
          JWKS_URL: withoutSecrets(settings.tokens.jwksUrl),
          JWT_ISSUER: withoutSecrets(settings.tokens.issuer ?? ''),
        }
      : { JWT_SECRET: MASK }),
    DEMO: settings.demo,
    DRAIN_MS: settings.drainMs,
    AUTHZ: settings.authorization,
    CLINIC_ZONE: settings.clinicZone,
    RETENTION_DAYS: settings.retentionDays,
    ANNOUNCEMENT_DAYS: settings.announcementDays,
    SMTP_URL: withoutSecrets(settings.delivery.mail?.url ?? ''),
    MAIL_FROM: settings.delivery.mail?.from ?? '',
    PUBLIC_URL: settings.delivery.publicUrl ?? '',
    PUSH_CONTACT: settings.delivery.push.contact,
    PUSH_PRIVATE_HOSTS: settings.delivery.push.privateHosts.join(','),
    LOG_LEVEL: settings.logLevel,
    ...Object.fromEntries(
      Object.entries(settings.limits).map(([limit, value]) => [limitSetting(limit), value]),
    ),
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

function relayOf({ relay, databaseUrl }: Settings): string {
  if (!relay) return 'none';
  return relay.url === databaseUrl ? 'postgres' : withoutSecrets(relay.url);
}

const MASK = '******';

/** Parameters of a database's URL that are no secret; what an unknown one holds nobody knows. */
const SHOWN = new Set(['sslmode', 'ssl', 'application_name', 'connect_timeout', 'client_encoding']);

/**
 * A URL, however it is written, with its password masked, and its parameters; where it isn't a database's, the user's name
 * too, which may be a token.
 */
function withoutSecrets(url: string): string {
  const [, scheme = '', rest = ''] = /^(\s*(?:[a-z][a-z\d+.-]*:)?[/\\]*)(.*)$/is.exec(url) ?? [];
  // The last one: a password that isn't escaped may hold anything.
  const at = rest.lastIndexOf('@');
  const [place = '', ...parameters] = rest.slice(at + 1).split(/[?&#]/);
  const query = parameters.length > 0 ? `?${parameters.map(shown).join('&')}` : '';
  return `${scheme}${at < 0 ? '' : `${maskedUser(scheme, rest.slice(0, at))}@`}${place}${query}`;
}

function maskedUser(scheme: string, user: string): string {
  const [, name, password] = /^([^/?#:]*)(:.*)?$/s.exec(user) ?? [];
  if (name === undefined || !scheme.startsWith('postgres')) return MASK;
  return password === undefined ? name : `${name}:${MASK}`;
}

function shown(parameter: string): string {
  const [name = '', ...value] = parameter.split('=');
  if (value.length === 0) return MASK;
  return SHOWN.has(name) ? parameter : `${name}=${MASK}`;
}

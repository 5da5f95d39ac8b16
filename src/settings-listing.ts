import { limitSetting, type Settings } from './config.js';

/** The settings in force, one `NAME=value` a line, as the environment would give them; secrets are masked. */
export function listSettings(settings: Settings): string {
  const lines = {
    NODE_ENV: settings.production ? 'production' : 'development',
    HOST: settings.host,
    PORT: settings.port,
    DATABASE_URL: withoutPassword(settings.databaseUrl),
    TRUST_PROXY: settings.trustProxy.join(','),
    STOMP_TCP_PORT: settings.stompTcpPort ?? '',
    ALLOWED_ORIGINS: settings.allowedOrigins.join(','),
    ...('secret' in settings.tokens
      ? { JWT_SECRET: MASK }
      : { JWKS_URL: settings.tokens.jwksUrl, JWT_ISSUER: settings.tokens.issuer ?? '' }),
    DEMO: settings.demo,
    DRAIN_MS: settings.drainMs,
    AUTHZ: settings.authorization,
    CLINIC_ZONE: settings.clinicZone,
    RETENTION_DAYS: settings.retentionDays,
    LOG_LEVEL: settings.logLevel,
    ...Object.fromEntries(
      Object.entries(settings.limits).map(([limit, value]) => [limitSetting(limit), value]),
    ),
  };
  return Object.entries(lines)
    .map(([name, value]) => `${name}=${value}`)
    .join('\n');
}

const MASK = '******';

function withoutPassword(url: string): string {
  return url.replace(/(\/\/[^/@:]*):[^/]*@/, `$1:${MASK}@`);
}

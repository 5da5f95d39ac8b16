/** The settings that differ from the defaults; they stand under the tables. */
export const settings = {
  AUTHZ: 'open',
  LIMIT_CONNECTIONS_PER_USER: '20000',
  LIMIT_STREAMS_PER_USER: '20000',
  LIMIT_CONNECTIONS_PER_ADDRESS: '20000',
  LIMIT_JSON_CONNECTIONS: '20000',
  // A thousand subscribers are one user's here.
  LIMIT_OUTBOX_BYTES_PER_USER: '2000000000',
  LOG_LEVEL: 'warn',
};

export const secret = 'of a server that lives for a minute, on loopback';

/** As remarks say it. */
export const raisedSettings = `Carillon runs with ${Object.entries(settings)
  .map(([name, value]) => `${name}=${value}`)
  .join(', ')}.`;

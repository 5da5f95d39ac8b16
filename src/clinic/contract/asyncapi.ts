import { channels as table, type ApiChannel } from './channels.js';
import { jsonSchemaOf, jsonSchemasOf, reference } from './json-schemas.js';
import { messages, payloads, type MessageShape } from './messages.js';
import { version } from './version.js';

/** What STOMP and the streams carry, as a document for programs. @see https://www.asyncapi.com/docs/reference/specification/v3.0.0 */
export function asyncApi(): object {
  return {
    asyncapi: '3.0.0',
    info: {
      title: 'Carillon',
      version,
      description:
        'STOMP 1.0, 1.1 and 1.2 over WebSocket, SockJS and TCP, Server-Sent Events, JSON sockets and Socket.IO. Operations are told ' +
        "from Carillon's side: what it sends, a client subscribes to. Requests are in OpenAPI, at /api/openapi.json.",
      license: { name: 'MIT' },
    },
    defaultContentType: 'application/json',
    servers,
    channels: mapped(channels, channelOf),
    operations: mapped(channels, operationOf),
    components: {
      messages: mapped<MessageShape>(messages, messageOf),
      // AsyncAPI 3.0, Schema Object: a superset of JSON Schema draft 07.
      schemas: jsonSchemasOf(payloads, 'draft-07'),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        password: { type: 'userPassword', description: "CONNECT's `login` and `passcode`" },
        ticket: {
          type: 'httpApiKey',
          in: 'query',
          name: 'ticket',
          description: 'From POST /api/auth/ticket',
        },
      },
    },
  };
}

const channels: Readonly<Record<string, ApiChannel>> = table;

const host = {
  host: '{host}',
  variables: { host: { default: '127.0.0.1:8080', description: 'One HTTP server for all of it' } },
};
const signedIn = [
  { $ref: '#/components/securitySchemes/bearer' },
  { $ref: '#/components/securitySchemes/password' },
];

const servers = {
  webSocket: {
    ...host,
    pathname: '/stomp',
    protocol: 'ws',
    description: 'STOMP on WebSocket; subprotocols v12.stomp, v11.stomp, v10.stomp, or none',
    security: signedIn,
  },
  sockJs: {
    ...host,
    pathname: '/ws',
    protocol: 'ws',
    description: 'STOMP on SockJS, and on a plain WebSocket at the same path',
    security: signedIn,
  },
  tcp: {
    host: '{host}',
    variables: { host: { default: '127.0.0.1:61613', description: 'With the setting STOMP_TCP_PORT' } },
    protocol: 'stomp',
    description: 'STOMP on TCP',
    security: signedIn,
  },
  json: {
    ...host,
    protocol: 'ws',
    description: 'JSON on WebSocket: each message is one object. By the setting DIALECTS',
    security: [
      { $ref: '#/components/securitySchemes/bearer' },
      { $ref: '#/components/securitySchemes/ticket' },
    ],
  },
  socketIo: {
    ...host,
    pathname: '/socket.io',
    protocol: 'ws',
    description:
      'Socket.IO 3 and 4 over polling and WebSocket; the token is `auth.token`. By the setting DIALECTS',
    security: [{ $ref: '#/components/securitySchemes/bearer' }],
  },
  http: {
    ...host,
    protocol: 'http',
    description: 'Server-Sent Events',
    security: [
      { $ref: '#/components/securitySchemes/bearer' },
      { $ref: '#/components/securitySchemes/ticket' },
    ],
  },
};

const serversOf: Readonly<Record<ApiChannel['over'], readonly (keyof typeof servers)[]>> = {
  stomp: ['webSocket', 'sockJs', 'tcp'],
  sse: ['http'],
  json: ['json'],
  'socket.io': ['socketIo'],
};

function channelOf({ address, summary, description, over, messages, parameters }: ApiChannel): object {
  return {
    address,
    summary,
    ...(description !== undefined && { description }),
    servers: serversOf[over].map((name) => ({ $ref: `#/servers/${name}` })),
    messages: Object.fromEntries(messages.map((name) => [name, { $ref: `#/components/messages/${name}` }])),
    ...(parameters && { parameters }),
  };
}

function operationOf({ carillon, summary, messages }: ApiChannel, name: string): object {
  return {
    action: carillon === 'sends' ? 'send' : 'receive',
    channel: { $ref: `#/channels/${name}` },
    summary,
    messages: messages.map((message) => ({ $ref: `#/channels/${name}/messages/${message}` })),
  };
}

function messageOf({ summary, payload, headers }: MessageShape, name: string): object {
  return {
    name,
    summary,
    ...(headers && { headers: jsonSchemaOf(headers, 'draft-07') }),
    ...(payload && { payload: { $ref: reference(payload) } }),
  };
}

function mapped<T>(
  table: Readonly<Record<string, T>>,
  describe: (row: T, name: string) => object,
): Record<string, object> {
  return Object.fromEntries(Object.entries(table).map(([name, row]) => [name, describe(row, name)]));
}

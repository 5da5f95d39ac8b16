import type { z } from 'zod';
import { codes, type HttpCode } from '../errors.js';
import { answers } from './answers.js';
import { jsonSchemaOf, jsonSchemasOf, reference, type JsonSchema } from './json-schemas.js';
import { bodies, examples, operations, type Operation } from './operations.js';
import { answerHeaders, requestHeaders, type OperationAnswer } from './operation.js';
import { version } from './version.js';

/** The REST API as a document for programs. @see https://spec.openapis.org/oas/v3.1.1 */
export function openApi(): object {
  return {
    openapi: '3.1.1',
    info: {
      title: 'Carillon',
      version,
      description:
        'Appointments that ring at patient and doctor. Errors are `application/problem+json` (RFC 9457) with a stable ' +
        '`code`. Lists are `{items, next}`. What STOMP and the streams carry is in ' +
        '[AsyncAPI](asyncapi.json), with the same cursors.',
      license: { name: 'MIT', identifier: 'MIT' },
    },
    // From where this document is: below a prefix that a proxy takes off, too.
    servers: [{ url: '../' }],
    tags: Object.keys(operations).map((name) => ({ name })),
    paths: paths(),
    components: {
      schemas: jsonSchemasOf({ ...bodies, ...answers }, 'draft-2020-12'),
      securitySchemes: {
        bearer: { type: 'http', scheme: 'bearer', bearerFormat: 'JWT' },
        ticket: { type: 'apiKey', in: 'query', name: 'ticket', description: 'From POST /api/auth/ticket' },
      },
    },
  };
}

function paths(): Record<string, Record<string, object>> {
  const paths: Record<string, Record<string, object>> = {};
  for (const [tag, rows] of Object.entries(operations)) {
    for (const [operationId, row] of Object.entries(rows)) {
      const [method, path] = row.call.split(' ') as [string, string];
      const { summary, description, body } = row;
      (paths[path] ??= {})[method.toLowerCase()] = {
        tags: [tag],
        operationId,
        summary,
        ...(description !== undefined && { description }),
        security: securityOf(row),
        parameters: [...pathParameters(path), ...queryParameters(row), ...headerParameters(row)],
        ...(body && { requestBody: bodyOf(body) }),
        responses: {
          ...answerOf(row.answer),
          ...(row.otherStatus && answerOf({ ...row.answer, status: row.otherStatus })),
          ...problemsOf(row),
        },
      };
    }
  }
  return paths;
}

function securityOf({ access }: Operation): object[] {
  if (access === 'public') return [];
  if (access === 'ticket') return [{ bearer: [] }, { ticket: [] }];
  // OpenAPI 3.1, Security Requirement Object: of schemes without scopes, the roles that are needed.
  return [{ bearer: access ?? [] }];
}

function pathParameters(path: string): object[] {
  return [...path.matchAll(/\{(\w+)\}/g)].map(([, name = '']) => ({
    name,
    in: 'path',
    required: true,
    schema: /id$/i.test(name) ? { type: 'integer', exclusiveMinimum: 0 } : { type: 'string' },
  }));
}

function queryParameters({ query }: Operation): object[] {
  if (!query) return [];
  const { properties = {}, required = [] } = jsonSchemaOf(query, 'draft-2020-12');
  return Object.entries(properties).map(([name, schema]) => {
    return { name, in: 'query', required: required.includes(name), schema };
  });
}

function headerParameters({ headers = [] }: Operation): object[] {
  return headers.map((name) => {
    return { name, in: 'header', schema: { type: 'string' }, description: requestHeaders[name] };
  });
}

function bodyOf(name: keyof typeof bodies): object {
  const schema: z.ZodType = bodies[name];
  return {
    // A schema that is content with nothing has a default for it.
    required: !schema.safeParse(undefined).success,
    content: { 'application/json': { schema: { $ref: reference(name) }, example: examples[name] } },
  };
}

function answerOf({ status, body, headers = [] }: OperationAnswer): Record<number, object> {
  return {
    [status]: {
      description: descriptions[status],
      ...(headers.length > 0 && {
        headers: Object.fromEntries(headers.map((name) => [name, headerOf(answerHeaders[name])])),
      }),
      ...(body !== undefined && { content: contentOf(body) }),
    },
  };
}

function contentOf(body: NonNullable<OperationAnswer['body']>): Record<string, { schema: JsonSchema }> {
  if (body in answers) return { 'application/json': { schema: { $ref: reference(body) } } };
  return { [body]: { schema: { type: body === 'application/json' ? 'object' : 'string' } } };
}

/** The answers that a row names, and those that follow from it: for example, a body that is read may be too large. */
function problemsOf(row: Operation): Record<string, object> {
  const possible = new Set<HttpCode>(row.problems);
  const isWrite = !row.call.startsWith('GET ');
  if (row.body || row.query || /[iI]d\}/.test(row.call)) possible.add('invalid_request');
  if (row.access !== 'public') possible.add('auth_failed').add('auth_expired').add('auth_revoked');
  // Of a role, or, where something may be changed, of an Origin.
  if (Array.isArray(row.access) || isWrite) possible.add('forbidden');
  if (row.body) possible.add('body_too_large');
  if (row.headers?.includes('Idempotency-Key')) possible.add('idempotency_conflict');
  if (row.headers?.includes('If-Match')) possible.add('stale_version');
  possible.add('internal_error').add('unavailable');

  const statuses = new Set([...possible].map((code) => codes[code].status));
  return Object.fromEntries([...statuses].map((status) => [status, problemOf(status, possible)]));
}

function problemOf(status: number, ofRow: ReadonlySet<HttpCode>): object {
  const possible = [...ofRow].filter((code) => codes[code].status === status);
  const headers = problemHeaders[status];
  return {
    description: possible.map((code) => `\`${code}\``).join(', '),
    ...(headers && { headers }),
    content: {
      'application/problem+json': {
        schema: { $ref: reference('Problem'), properties: { code: { enum: possible } } },
      },
    },
  };
}

const descriptions: Readonly<Record<OperationAnswer['status'], string>> = {
  200: 'Done',
  201: 'Made',
  202: 'On its way',
  204: 'Done',
};

const problemHeaders: Readonly<Record<number, object>> = {
  401: { 'WWW-Authenticate': headerOf({ description: 'The scheme to try', required: true }) },
  412: { ETag: headerOf({ description: 'The present version, where it is known' }) },
  429: { 'Retry-After': headerOf({ description: 'Seconds to wait', required: true }) },
  503: { 'Retry-After': headerOf({ description: 'Seconds to wait, where that is known' }) },
};

function headerOf(described: { readonly description: string; readonly required?: boolean }): object {
  return { ...described, schema: { type: 'string' } };
}

import type { Operations } from './operation.js';

/** The process, for its operators and for programs. */
export const processCalls: Operations<never> = {
  live: {
    call: 'GET /livez',
    summary: 'Whether the process works at all',
    description: "Doesn't look at the database.",
    access: 'public',
    answer: { status: 200, body: 'Health' },
  },
  ready: {
    call: 'GET /readyz',
    summary: 'Whether requests should come here',
    description: '`unavailable` while the database is down or the node drains.',
    access: 'public',
    answer: { status: 200, body: 'Health' },
  },
  metrics: {
    call: 'GET /metrics',
    summary: 'This node in numbers, for Prometheus',
    description: "Doesn't look at the database. What faces the Internet should not pass it on.",
    access: 'public',
    answer: { status: 200, body: 'text/plain' },
  },
  openApi: {
    call: 'GET /api/openapi.json',
    summary: 'This document',
    access: 'public',
    answer: { status: 200, body: 'application/json' },
  },
  asyncApi: {
    call: 'GET /api/asyncapi.json',
    summary: 'The messages of STOMP and of the streams, as AsyncAPI 3.0',
    access: 'public',
    answer: { status: 200, body: 'application/json' },
  },
  docs: {
    call: 'GET /api/docs',
    summary: 'This document, for people',
    access: 'public',
    answer: { status: 200, body: 'text/html' },
  },
  docsFile: {
    call: 'GET /api/docs/{file}',
    summary: 'What that page is made of',
    access: 'public',
    answer: { status: 200, body: 'text/plain' },
    problems: ['not_found'],
  },
};

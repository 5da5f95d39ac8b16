import { createElement } from 'react';
import { renderToString } from 'react-dom/server';
import { expect, it } from 'vitest';
import { Realtime } from '../realtime/realtime.js';
import { RealtimeProvider, useRealtimeStatus } from './hooks.js';

function Status() {
  return createElement('p', null, useRealtimeStatus().state);
}

it('a component on a server has a status, and no connection', () => {
  const client = new Realtime({
    url: 'http://127.0.0.1/ws',
    token: async () => 'token',
    onUnauthorized: () => undefined,
    online: { isOnline: () => true, isVisible: () => true, watch: () => () => undefined },
  });

  expect(renderToString(createElement(RealtimeProvider, { client }, createElement(Status)))).toBe(
    '<p>idle</p>',
  );
});

it('says what is missing where there is no provider', () => {
  expect(() => renderToString(createElement(Status))).toThrow('There is no RealtimeProvider');
});

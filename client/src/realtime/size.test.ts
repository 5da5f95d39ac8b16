import { gzipSync } from 'node:zlib';
import { build } from 'vite';
import { expect, it } from 'vitest';

const maxBytes = 12 * 1024;

it('carillon/client is small: what a page loads of it, but for stompjs, and for SockJS where that is needed', async () => {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    build: {
      write: false,
      lib: { entry: 'client/src/exports/client.ts', formats: ['es'] },
      rollupOptions: { external: [/^@stomp\/stompjs/, /^sockjs-client/] },
    },
  });
  const outputs = (Array.isArray(built) ? built : [built]).flatMap((one) =>
    'output' in one ? one.output : [],
  );
  const code = outputs.map((one) => (one.type === 'chunk' ? one.code : '')).join('');

  expect(code).toContain('stompjs');
  expect(gzipSync(code).length).toBeLessThan(maxBytes);
});

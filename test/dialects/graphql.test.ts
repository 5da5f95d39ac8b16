import { EventEmitter, on } from 'node:events';
import { readFile } from 'node:fs/promises';
import { runInThisContext } from 'node:vm';
import { Observable } from 'rxjs';
import ts from 'typescript';
import { expect, it } from 'vitest';
import type { Broker } from '../../src/library/broker/broker.js';
import { MemoryNode } from '../../src/library/testing/memory-node.js';

interface Printed {
  priceChanged(broker: Broker): AsyncGenerator;
}

it('docs/clients.md feeds a GraphQL subscription from a topic, and lets go of it', async () => {
  const page = await readFile('docs/clients.md', 'utf8');
  const [, code = ''] = /## GraphQL subscriptions\n.*?```ts\n(.*?)```/s.exec(page) ?? [];
  const { outputText } = ts.transpileModule(code, { compilerOptions: { target: ts.ScriptTarget.ES2022 } });
  const make = runInThisContext(
    `(Observable, EventEmitter, on) => { ${outputText}; return { priceChanged }; }`,
  ) as (...parts: readonly unknown[]) => Printed;
  const { broker } = new MemoryNode();
  const prices = make(Observable, EventEmitter, on).priceChanged(broker);

  const first = prices.next();
  broker.publish({ address: '/topic/stocks', headers: new Map(), body: Buffer.from('{"price":150}') });

  expect(await first).toEqual({ done: false, value: { priceChanged: { price: 150 } } });
  await prices.return(undefined);
  expect(broker.hears('/topic/stocks')).toBe(false);
});

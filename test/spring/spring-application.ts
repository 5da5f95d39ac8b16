import { Module, type INestApplicationContext, type Type } from '@nestjs/common';
import { NestFactory } from '@nestjs/core';
import { MessagingModule } from '../../src/library/exports/carillon.js';
import { anybody } from '../../src/library/testing/anybody.js';
import { TestClient } from '../../src/library/testing/test-client.js';

/** Controllers in an application, and clients of it that leave after each test. */
export class SpringApplication {
  /** Addresses of all messages that were written to a client, in their order. */
  readonly heard: string[] = [];
  readonly #clients: TestClient[] = [];
  #context: INestApplicationContext | undefined;

  async open(...controllers: Type[]): Promise<void> {
    const { heard } = this;
    const outbound = <M extends { readonly address: string }>(message: M): M => {
      heard.push(message.address);
      return message;
    };

    @Module({
      imports: [
        MessagingModule.forRoot({
          authenticator: anybody,
          authorizer: { isAllowed: () => true },
          applicationDestinationPrefixes: ['/app', '/app1', '/app2/'],
          interceptors: [{ outbound }],
        }),
      ],
      controllers,
    })
    class SpringModule {}
    this.#context = await NestFactory.createApplicationContext(SpringModule, { logger: false });
  }

  async connect(login: string): Promise<TestClient> {
    const client = await TestClient.connect(this.#opened, { login });
    this.#clients.push(client);
    return client;
  }

  get<T>(type: Type<T>): T {
    return this.#opened.get(type);
  }

  reset(): void {
    this.#clients.splice(0).forEach((client) => client.leave());
    this.heard.length = 0;
  }

  close(): Promise<void> {
    return this.#opened.close();
  }

  get #opened(): INestApplicationContext {
    if (!this.#context) throw new Error('It isn’t open yet');
    return this.#context;
  }
}

export async function bodies(
  subscription: { next(): Promise<{ readonly body: string }> },
  count: number,
): Promise<string[]> {
  const taken = [];
  while (taken.length < count) taken.push((await subscription.next()).body);
  return taken;
}

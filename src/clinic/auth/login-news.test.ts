import { beforeEach, describe, expect, it } from 'vitest';
import { shareEndedLogins, sharePasswordChecks } from './login-news.js';
import type { CheckedPassword } from './passwords.js';

/** The messages of a node, and of another one by hand. */
class Messages {
  readonly told: [subject: string, content: unknown][] = [];
  readonly #listeners = new Map<string, (content: unknown) => void>();

  tell(subject: string, content: unknown): void {
    this.told.push([subject, content]);
  }

  listen(subject: string, hear: (content: unknown) => void): { close(): void } {
    this.#listeners.set(subject, hear);
    return { close: () => this.#listeners.delete(subject) };
  }

  hear(subject: string, content: unknown): void {
    this.#listeners.get(subject)?.(content);
  }
}

const from = 'x'.repeat(43);

describe('what nodes tell each other of logins', () => {
  let messages: Messages;
  beforeEach(() => {
    messages = new Messages();
  });

  it.each([
    ['nothing', undefined],
    ['an older or newer form', { account: 'ada@example.org' }],
    ['something forged', { from: 7, isRight: 'no' }],
  ])('is passed over where it is %s', (_, content) => {
    const heard: unknown[] = [];
    const passwords = { onChecked: () => undefined, onChanged: () => undefined };
    sharePasswordChecks(
      { ...passwords, checkedElsewhere: (one) => heard.push(one), forget: () => heard.push('forget') },
      messages,
    );
    shareEndedLogins({ onEnded: () => undefined }, { revoke: (id) => heard.push(id) }, messages);

    messages.hear('logins.failed', content);
    messages.hear('logins.ended', content);
    messages.hear('logins.failed', { from, isRight: false });
    messages.hear('logins.ended', { ids: ['a', 'b'] });
    messages.hear('logins.changed', {});

    expect(heard).toEqual([{ from, isRight: false }, 'a', 'b', 'forget']);
  });

  it('is what happened here, and not what was heard', () => {
    let checked: (one: CheckedPassword) => void = () => undefined;
    let ended: (ids: readonly string[]) => void = () => undefined;
    let changed: () => void = () => undefined;
    sharePasswordChecks(
      {
        onChecked: (listener) => (checked = listener),
        checkedElsewhere: () => undefined,
        onChanged: (listener) => (changed = listener),
        forget: () => undefined,
      },
      messages,
    );
    shareEndedLogins({ onEnded: (listener) => (ended = listener) }, { revoke: () => undefined }, messages);

    checked({ from, isRight: true });
    ended(['a']);
    changed();
    messages.hear('logins.ended', { ids: ['b'] });

    expect(messages.told).toEqual([
      ['logins.failed', { from, isRight: true }],
      ['logins.ended', { ids: ['a'] }],
      ['logins.changed', {}],
    ]);
  });
});

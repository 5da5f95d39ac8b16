import type { Limits } from '../limits.js';
import { Attempts } from '../auth/attempts.js';
import type { Language } from '../words/language.js';
import { say } from '../words/say.js';
import type { Outcome } from './channel.js';
import type { PushChannel } from './push-channel.js';
import type { PushDevice } from './push-devices.service.js';

/** What became of a test: `sent` says that the push service took it. */
export interface TestAnswer {
  readonly result: Outcome['result'];
  readonly reason: string | null;
}

const HOUR_MS = 3_600_000;

/** Sends a push that says no more than that it came. */
export class PushTest {
  readonly #attempts: Attempts;

  constructor(
    private readonly channel: PushChannel,
    { pushTestsPerHour, recipients }: Pick<Limits, 'pushTestsPerHour' | 'recipients'>,
  ) {
    this.#attempts = new Attempts({ limit: pushTestsPerHour, windowMs: HOUR_MS, keys: recipients });
  }

  /** @throws {Refusal} rate_limited */
  async send(device: PushDevice, language: Language): Promise<TestAnswer> {
    const key = String(device.userId);
    this.#attempts.check(key);
    this.#attempts.record(key);
    const outcome = await this.channel.send(
      device,
      {
        id: `test.${device.id}`,
        notificationId: 0,
        title: 'Carillon',
        text: say(language, 'alert.test'),
        language,
        isCritical: false,
        expiresAt: new Date(Date.now() + HOUR_MS),
        topic: null,
      },
      new AbortController().signal,
    );
    return { result: outcome.result, reason: 'reason' in outcome ? outcome.reason : null };
  }
}

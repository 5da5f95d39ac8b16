import { useState } from 'react';
import { useDesk } from '../app/app-context.js';
import { go } from '../app/router.js';
import { explain } from '../api/problem.js';
import { pageOf } from './address.js';
import { say } from '../words/words.js';

interface MessageButtonProps {
  readonly userId: number;
  readonly name: string;
}

/** Leads to the conversation with somebody, which begins where there is none. */
export function MessageButton({ userId, name }: MessageButtonProps) {
  const { messages, toasts } = useDesk();
  const [isBusy, setBusy] = useState(false);
  async function open(): Promise<void> {
    setBusy(true);
    try {
      const { id } = await messages.begin(userId);
      go(pageOf(id));
    } catch (error) {
      setBusy(false);
      toasts.show({
        tone: 'error',
        title: say('messages.none'),
        text: explain(error),
        isSticky: true,
        about: [],
      });
    }
  }
  return (
    <button
      type="button"
      className="button button--small"
      aria-label={say('messages.messageTo', { name })}
      disabled={isBusy}
      onClick={() => void open()}
    >
      {say('field.message')}
    </button>
  );
}

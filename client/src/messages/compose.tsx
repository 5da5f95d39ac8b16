import { useEffect, useId, useState, type KeyboardEvent } from 'react';
import { maxMessageLength } from '../../../src/clinic/text-lengths.js';
import { useDesk } from '../app/app-context.js';
import { say } from '../words/words.js';

/** What is left is told when it is this little. */
const fewLeft = 500;

interface ComposeProps {
  readonly id: number;
  readonly to: string;
}

/** Enter sends, Shift+Enter is a line. */
export function Compose({ id, to }: ComposeProps) {
  const { messages } = useDesk();
  const [text, setText] = useState(() => messages.drafts.get(id) ?? '');
  const field = useId();
  const note = useId();
  const left = maxMessageLength - text.trim().length;
  const canSend = left >= 0 && text.trim() !== '';
  useEffect(() => void messages.drafts.set(id, text), [messages, id, text]);

  function write(next: string): void {
    setText(next);
    if (next.trim() === '') messages.stopTyping();
    else messages.typing(id);
  }
  function send(): void {
    if (!canSend) return;
    messages.say(id, text.trim());
    setText('');
  }
  function onKeyDown(event: KeyboardEvent): void {
    // While characters are being composed, Enter chooses among them.
    if (event.key !== 'Enter' || event.shiftKey || event.nativeEvent.isComposing) return;
    event.preventDefault();
    send();
  }

  return (
    <form
      className="compose"
      onSubmit={(event) => {
        event.preventDefault();
        send();
      }}
    >
      <label htmlFor={field} className="sr-only">
        {say('one.messageTo', { name: to })}
      </label>
      <textarea
        dir="auto"
        id={field}
        rows={1}
        placeholder={say('compose.hint')}
        value={text}
        aria-describedby={note}
        aria-invalid={left < 0}
        onChange={(event) => write(event.target.value)}
        onKeyDown={onKeyDown}
        onBlur={() => messages.stopTyping()}
      />
      <button type="submit" className="button button--primary" disabled={!canSend}>
        {say('common.send')}
      </button>
      <p id={note} className={`compose__note small${left < 0 ? ' compose__note--over' : ' muted'}`}>
        {left < 0
          ? say('compose.over', { count: -left })
          : left <= fewLeft
            ? say('compose.left', { count: left })
            : say('compose.keys')}
      </p>
    </form>
  );
}

/**
 * Turns of the event loop: from one immediate to the next. With pending immediates the loop doesn't sleep, so a caller
 * that waits for the end of a turn is not delayed by it. One immediate serves all callers: a thousand of them cost more than
 * what they were for.
 */
let turn = 0;
let isEnding = false;
let due: (() => void)[] = [];

/** The number of the current turn. */
export function turnOfLoop(): number {
  if (!isEnding) {
    isEnding = true;
    setImmediate(end);
  }
  return turn;
}

/** Calls back after the events that are ready now, in the order in which it was asked; a turn later where much is called back. */
export function afterTurn(callback: () => void): void {
  due.push(callback);
  turnOfLoop();
}

/**
 * Calls back when what had come for this process by now was read, on connections that wait to be accepted too: that is
 * one turn, and what they say is another.
 */
export function afterReading(callback: () => void): void {
  setImmediate(setImmediate, callback);
}

/** How long callbacks of one turn may take together, in ms: those who have come meanwhile wait for them. */
const CALLBACKS_MS = 5;

function end(): void {
  turn += 1;
  isEnding = false;
  const callbacks = due;
  due = [];
  const until = performance.now() + CALLBACKS_MS;
  for (const [i, callback] of callbacks.entries()) {
    callback();
    if (i + 1 < callbacks.length && performance.now() >= until) {
      // Before those that were added meanwhile.
      due = [...callbacks.slice(i + 1), ...due];
      turnOfLoop();
      return;
    }
  }
}

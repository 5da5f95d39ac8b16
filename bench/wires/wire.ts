/** A message of the server: the bytes between `start` and `end`, which are gone after the call. */
export type OnMessage = (bytes: Buffer, start: number, end: number) => void;

/** What carries STOMP frames to a server and back. */
export interface Wire {
  onMessage: OnMessage;
  onClose: (reason: string) => void;
  send(text: Buffer): void;
  /** What is sent in `work` leaves in one write, where that can be. */
  together(work: () => void): void;
}

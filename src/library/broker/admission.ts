import type { Subscriber } from './subscriber.js';

/** Stands at the door of topics: lets in, and hears who comes and goes. The broker asks it of topics that it concerns. */
export interface Admission {
  /** Whether it wants to be asked of a topic. */
  concerns(topic: string): boolean;
  /** Whether patterns pass over a topic: they are a way past the door. */
  isUnpatterned(topic: string): boolean;
  /** Before somebody is subscribed. @throws {Refusal} such as room_full */
  admit(topic: string): void;
  joined(topic: string, subscriber: Subscriber): void;
  /** Idempotent. */
  left(topic: string, subscriber: Subscriber): void;
}

/** Everybody is let in everywhere. */
export const openDoor: Admission = {
  concerns: () => false,
  isUnpatterned: () => false,
  admit: () => {},
  joined: () => {},
  left: () => {},
};

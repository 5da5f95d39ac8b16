import { Course } from './course.js';
import type { Link, Message, Wanted } from './link.js';
import { hasHad, positionOf } from './position.js';

/** Who hears what comes to an address: a subscription of this tab, or of another one. */
export interface Member {
  /** The cursor from which it goes on; undefined: from now on. */
  since(): string | undefined;
  /** What comes for it alone, until it has caught up. */
  catchUp(message: Message): void;
  /** From now on it hears what comes for all. */
  joined(): void;
  /** It has joined, and the server has the subscription. */
  ready(): void;
}

/**
 * One subscription on a link that many share. A reader that comes later, or has to go on from elsewhere, catches up by a
 * subscription of its own first: then nothing is missed and nothing comes out of order.
 */
export class Feed {
  readonly #wanted: Omit<Wanted, 'since'>;
  readonly #onMessage: (message: Message) => void;
  readonly #members = new Set<Member>();
  /** Those who haven't joined, with where each goes on and what it catches up by; without, it waits for the others. */
  readonly #late = new Map<Member, Late>();
  readonly #joined = new Set<Member>();
  #link: Link | undefined;
  #shared: Course | undefined;

  /** @param onMessage hears what comes for all who have joined */
  constructor(wanted: Omit<Wanted, 'since'>, onMessage: (message: Message) => void) {
    this.#wanted = wanted;
    this.#onMessage = onMessage;
  }

  get isEmpty(): boolean {
    return this.#members.size === 0;
  }

  add(member: Member): void {
    this.#members.add(member);
    if (this.#link) this.#enter(member, member.since(), this.#link);
  }

  remove(member: Member): void {
    this.#members.delete(member);
    this.#joined.delete(member);
    this.#late.get(member)?.course?.end();
    this.#late.delete(member);
    if (this.isEmpty) this.close();
  }

  /** The link is there. */
  open(link: Link): void {
    this.#link = link;
    const all = [...this.#members].map((member) => ({ member, since: member.since() }));
    // First one that goes on from somewhere: those who want only what comes from now on can wait for it.
    for (const { member, since } of all.toSorted((a, b) => Number(!a.since) - Number(!b.since)))
      this.#enter(member, since, link);
  }

  /** The link is gone, or nobody listens. */
  close(): void {
    this.#link = undefined;
    this.#shared?.end();
    this.#shared = undefined;
    for (const { course } of this.#late.values()) course?.end();
    this.#late.clear();
    this.#joined.clear();
  }

  #enter(member: Member, since: string | undefined, link: Link): void {
    if (!this.#shared) {
      this.#late.set(member, { since });
      this.#share(link, since);
    } else if (since === undefined || this.#isAt(this.#shared, since)) {
      this.#late.set(member, { since });
    } else {
      const course = new Course(since);
      this.#late.set(member, { since, course });
      this.#begin(link, course, (message) => {
        if (this.#late.get(member)?.course === course) member.catchUp(message);
      });
    }
    this.#look();
  }

  #share(link: Link, since: string | undefined): void {
    const shared = new Course(since);
    this.#shared = shared;
    this.#look();
    this.#begin(link, shared, (message) => {
      if (this.#shared === shared) this.#onMessage(message);
    });
  }

  #begin(link: Link, course: Course, onMessage: (message: Message) => void): void {
    course.begin(link, this.#wanted, {
      onMessage: (message) => {
        try {
          onMessage(message);
        } finally {
          this.#look();
        }
      },
      onReady: () => {
        if (course === this.#shared) for (const member of this.#joined) member.ready();
        this.#look();
      },
    });
  }

  /** Whether who goes on from there misses nothing that came before on the shared subscription. */
  #isAt({ start, position }: Course, since: string): boolean {
    return position ? hasHad(positionOf(since), position) : since === start;
  }

  /** Those who have caught up join. */
  #look(): void {
    const shared = this.#shared;
    if (!shared) return;
    for (const [member, late] of this.#late) {
      if (!hasCaughtUp(late, shared)) continue;
      late.course?.end();
      this.#late.delete(member);
      this.#joined.add(member);
      member.joined();
      if (shared.isReady) member.ready();
    }
  }
}

interface Late {
  readonly since: string | undefined;
  readonly course?: Course;
}

function hasCaughtUp({ since, course }: Late, shared: Course): boolean {
  if (!course) return since === shared.start || since !== undefined || (shared.isReady && shared.isCaughtUp);
  if (!shared.isReady || !course.isCaughtUp) return false;
  return !shared.position || hasHad(course.position, shared.position);
}

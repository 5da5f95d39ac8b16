import { Injectable } from '@nestjs/common';
import { Observable } from 'rxjs';
import { Broker } from '../broker/broker.js';
import { EVENT_TYPE } from '../broker/message.js';
import { NodeMessages } from '../broker/node-messages.js';
import { Attendance, type RoomChange, type RoomMember } from './attendance.js';
import { MessagingTemplate } from './template.js';

/** How a room is made. */
export interface RoomOptions {
  /** How many subscriptions it takes, on all nodes. Default: any number. */
  readonly capacity?: number;
}

/** How a message is sent to a room. */
export interface RoomSending {
  /** Its `event-type`, which names the event of event streams. */
  readonly event?: string;
  /** Everybody but this session hears it. */
  readonly except?: string;
}

/** Everybody who is subscribed to `/topic/rooms.<name>`, whatever they speak. */
export interface Room {
  readonly name: string;
  /** What its members subscribe to. */
  readonly address: string;
  readonly capacity: number;
  /** Subscriptions on all nodes, those of other nodes as last heard. */
  readonly count: number;
  /** Those of this node: one for each subscription. */
  members(): RoomMember[];
  /** To all members on all nodes. @param payload as of `MessagingTemplate#convertAndSend` */
  broadcast(payload: unknown, sending?: RoomSending): void;
  /** To one session, where it is a member. */
  send(session: string, payload: unknown, sending?: Pick<RoomSending, 'event'>): void;
  /** Members of this node who come and go. */
  readonly changes: Observable<RoomChange>;
}

const ROOMS = '/topic/rooms.';
const NAME = /^[\w-]{1,64}$/;
const CLOSED = 'rooms.closed';

/**
 * Rooms by their names. Each node makes the rooms that it is asked for; members, messages and counts of a name are of one
 * room on all nodes. Who may come in is the `authorizer`'s to say, of `/topic/rooms.<name>`. Patterns don't show a room
 * that was made here, since they would be a way past its capacity.
 *
 * A full room refuses with `room_full`. Nodes tell each other their counts, once in 100 ms at most, so a room of
 * several nodes may have a few more for so long.
 */
@Injectable()
export class Rooms {
  readonly #rooms = new Map<string, Room>();

  constructor(
    private readonly attendance: Attendance,
    private readonly broker: Broker,
    private readonly template: MessagingTemplate,
    private readonly nodeMessages: NodeMessages,
  ) {
    const roomAt = (topic: string): Room | undefined => this.find(topic.slice(ROOMS.length));
    attendance.add({
      prefix: ROOMS,
      capacityOf: (topic) => roomAt(topic)?.capacity ?? Infinity,
      isUnpatterned: (topic) => roomAt(topic) !== undefined,
    });
    nodeMessages.listen(CLOSED, (name) => {
      if (typeof name === 'string') this.#end(ROOMS + name);
    });
  }

  /**
   * Gets a room, or makes it. Clients that are subscribed to its address already are members.
   * @param name of letters, digits, `_` and `-`; 64 at most
   * @throws {TypeError} it is something else, or the capacity is no number from 1; or the room has another capacity
   */
  room(name: string, { capacity }: RoomOptions = {}): Room {
    const known = this.#rooms.get(name);
    if (known && (capacity === undefined || capacity === known.capacity)) return known;
    if (known) throw new TypeError(`The room ${name} has a capacity of ${known.capacity}`);
    if (!NAME.test(name)) throw new TypeError('A room’s name is 1 to 64 letters, digits, _ and -');
    if (capacity !== undefined && !(capacity >= 1)) throw new TypeError('A capacity is a number from 1');
    const room = this.#made(name, capacity ?? Infinity);
    this.#rooms.set(name, room);
    return room;
  }

  find(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  names(): string[] {
    return [...this.#rooms.keys()];
  }

  /**
   * Its members are told `{"room": name}` as `room-closed`, on all nodes, and hear nothing of it after that; event streams
   * end. Who subscribes then begins a new room of that name.
   */
  remove(name: string): void {
    if (!this.#rooms.delete(name)) return;
    this.#end(ROOMS + name);
    this.nodeMessages.tell(CLOSED, name);
  }

  /** To all members of every room that this node has made. */
  broadcast(payload: unknown, sending?: RoomSending): void {
    for (const room of this.#rooms.values()) room.broadcast(payload, sending);
  }

  /** On this node. */
  #end(address: string): void {
    const room = address.slice(ROOMS.length);
    this.#rooms.delete(room);
    this.template.here().convertAndSend(address, { room }, { [EVENT_TYPE]: 'room-closed' });
    this.broker.end(address);
  }

  #made(name: string, capacity: number): Room {
    const { attendance, template } = this;
    const address = ROOMS + name;
    return {
      name,
      address,
      capacity,
      get count() {
        return attendance.count(address);
      },
      members: () => attendance.members(address),
      broadcast(payload, { event, except } = {}) {
        const sender = except === undefined ? template : template.exceptSession(except);
        sender.convertAndSend(address, payload, named(event));
      },
      send: (session, payload, { event } = {}) =>
        template.toSession(session).convertAndSend(address, payload, named(event)),
      changes: new Observable((reader) => attendance.listen(address, (change) => reader.next(change))),
    };
  }
}

function named(event: string | undefined): Record<string, string> {
  return event === undefined ? {} : { [EVENT_TYPE]: event };
}

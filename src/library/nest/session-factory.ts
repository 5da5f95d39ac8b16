import { Inject, Injectable, Logger } from '@nestjs/common';
import { Census } from '../dialects/census.js';
import { ChannelMessages } from '../dialects/channel-messages.js';
import { ChannelSocket, doorOf, ownDoor, type ChannelEntrance } from '../dialects/channel-socket.js';
import { channelIn } from '../dialects/channels.js';
import { JsonConversation } from '../dialects/json-conversation.js';
import { NotificationSocket } from '../dialects/notification-socket.js';
import { openSocketIo } from '../dialects/socket-io.js';
import { BrokerNode } from '../session/broker-node.js';
import type { Arrival, SessionObserver } from '../session/ports.js';
import { Session, type OpenSession } from '../session/session.js';
import type { EngineSockets } from '../transport/engine-io.js';
import { engineServer } from '../transport/engine-server.js';
import type { OtherSockets } from '../transport/services.js';
import { SessionEvents } from './events.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';
import { Rights } from './rights.js';
import { MessageRouter } from './router.js';

/** Makes the session of each connection that is accepted. */
@Injectable()
export class SessionFactory {
  readonly open: OpenSession;
  /** The same for those that don't speak STOMP. */
  readonly otherSockets: readonly OtherSockets[];
  /** The same for Socket.IO's, whose packages are loaded by it. */
  readonly openEngines: () => Promise<readonly EngineSockets[]>;

  constructor(
    node: BrokerNode,
    router: MessageRouter,
    events: SessionEvents,
    rights: Rights,
    @Inject(MESSAGING_OPTIONS) options: MessagingOptions,
  ) {
    const observer = logged(events);
    this.open = node.sessions({ ...options, authorizer: rights, application: router, observer });
    const parts = { node, options, rights, application: router, observer };
    this.otherSockets = jsonSockets(parts);
    this.openEngines = () => socketIo(parts);
  }
}

interface Parts {
  readonly node: BrokerNode;
  readonly options: MessagingOptions;
  readonly rights: Rights;
  readonly application: MessageRouter;
  readonly observer: SessionObserver;
}

function jsonSockets({ node, options, rights, application, observer }: Parts): OtherSockets[] {
  const { broker, registry, clock, limits } = node;
  const { authenticator, dialects = {} } = options;
  const census = new Census(limits.jsonStrangers);
  const services = { broker, registry, clock, limits, authenticator, authorizer: rights, observer, census };
  const messageBytes = limits.jsonBytes;
  const { notifications, channels } = dialects;
  const sockets: OtherSockets[] = [];
  if (notifications) {
    const { path = '/notifications', ...told } = notifications;
    const dialect = new NotificationSocket(told);
    const open: OtherSockets['open'] = (wire, remoteAddress, arrival) =>
      new JsonConversation({ wire, remoteAddress, arrival }, dialect, services);
    sockets.push({ path, transport: 'json-notifications', messageBytes, open });
  }
  if (channels) {
    const { path: below = '/channels', paths = { '/ws/notifications': ownDoor }, ...told } = channels;
    const shared = { options: told, application, messages: new ChannelMessages() };
    const openAt =
      (entranceFor: (arrival: Arrival) => ChannelEntrance): OtherSockets['open'] =>
      (wire, remoteAddress, arrival) => {
        const dialect = new ChannelSocket(entranceFor(arrival), arrival, shared);
        return new JsonConversation({ wire, remoteAddress, arrival }, dialect, services);
      };
    const socket = { transport: 'json-channels', messageBytes };
    const isBelow = (segment: string): boolean => channelIn(segment) !== undefined;
    const named = ({ path }: Arrival): ChannelEntrance => {
      const channel = channelIn(path.slice(below.length + 1)) ?? '';
      return { door: doorOf(channel, told.rights), channel };
    };
    sockets.push({ ...socket, path: below, isBelow, open: openAt(named) });
    for (const [path, door] of Object.entries(paths))
      sockets.push({ ...socket, path, open: openAt(() => ({ door })) });
  }
  return sockets;
}

async function socketIo({ node, options, rights, ...more }: Parts): Promise<EngineSockets[]> {
  const { broker, registry, clock, limits } = node;
  const { authenticator, dialects = {}, compression } = options;
  if (!dialects.socketIo) return [];
  const { path = '/socket.io', node: name, ...told } = dialects.socketIo;
  const engine = await engineServer(limits, { node: name, compression });
  const services = { broker, registry, clock, limits, authenticator, authorizer: rights, ...more };
  return [{ path, label: 'socket.io', engine, open: await openSocketIo(engine, told, services) }];
}

function logged(events: SessionEvents): SessionObserver {
  const logger = new Logger(Session.name);
  events.on('connected', ({ id, transport }) => logger.debug({ msg: 'connected', session: id, transport }));
  events.on('disconnected', ({ id, reason }) => logger.debug({ msg: 'disconnected', session: id, reason }));
  return {
    ...events.observer,
    failed: ({ id }, error) => logger.error({ msg: 'a session failed', session: id }, error),
  };
}

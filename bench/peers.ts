import { carillon, carillonJson, carillonSocketIo, carillonSockJs, carillonSse } from './peers/carillon.js';
import { rabbitMq } from './peers/rabbitmq.js';
import { socketIo } from './peers/socket-io.js';
import { stompBrokerJs } from './peers/stomp-broker-js.js';
import { webSocketFloor } from './peers/ws-floor.js';
import { NotHereError, type Peer, type Target } from './target.js';

/**
 * Starts those of the peers that are here and asked for; Carillon is always the first.
 * @param users who have to be able to come in; one is enough unless given
 */
export async function startPeers(
  candidates: readonly Peer[],
  asked: readonly string[] | undefined,
  users = 0,
): Promise<{ readonly targets: readonly Target[]; readonly skipped: readonly string[] }> {
  const targets: Target[] = [];
  const skipped: string[] = [];
  for (const peer of candidates) {
    if (asked && !asked.includes(peer.name)) continue;
    try {
      targets.push(await peer.start(users));
    } catch (error) {
      if (!(error instanceof NotHereError)) throw error;
      skipped.push(`${peer.name} was skipped: ${error.message}`);
    }
  }
  return { targets, skipped };
}

/** Whatever an idle connection can be made to. */
export const hosts: readonly Peer[] = [carillon, carillonSockJs, carillonSse, stompBrokerJs, webSocketFloor];

export const brokers: readonly Peer[] = [carillon, stompBrokerJs, rabbitMq, webSocketFloor];

/** Those that say when a SUBSCRIBE has taken effect. */
export const receiptingBrokers: readonly Peer[] = [carillon, rabbitMq, webSocketFloor];

/** Those that store what is sent to them. */
export const durableBrokers: readonly Peer[] = [carillon, rabbitMq];

/** Where idle connections of other families are, beside one of STOMP. */
export const otherHosts: readonly Peer[] = [carillon, carillonJson, carillonSocketIo, socketIo];

/** All that can be asked for. */
export const peerNames: readonly string[] = [
  ...new Set([...hosts, ...brokers, ...otherHosts].map(({ name }) => name)),
];

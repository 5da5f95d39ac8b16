import { Injectable } from '@nestjs/common';
import { userAddress } from '../broker/address.js';
import { Broker } from '../broker/broker.js';
import { encodePayload } from './payload.js';

/** Sends from the application to whoever is subscribed, as Spring's SimpMessagingTemplate does. */
@Injectable()
export class MessagingTemplate {
  constructor(private readonly broker: Broker) {}

  /**
   * Publishes to an address, `/topic/…`. Synchronous: it waits for no reader.
   * @param payload bytes go as they are, a string as text/plain, anything else as JSON
   * @param headers more headers of the MESSAGE; names that the protocol owns are left out
   */
  convertAndSend(address: string, payload: unknown, headers: Readonly<Record<string, string>> = {}): void {
    const { contentType, body } = encodePayload(payload);
    this.broker.publish({
      address,
      headers: new Map([['content-type', contentType], ...Object.entries(headers)]),
      body,
    });
  }

  /**
   * Publishes to every open session and stream of a user.
   * @param name the user's name, as `User#name`
   * @param destination what they subscribe to without `/user`, such as `/queue/notifications`
   */
  convertAndSendToUser(
    name: string,
    destination: string,
    payload: unknown,
    headers: Readonly<Record<string, string>> = {},
  ): void {
    this.convertAndSend(userAddress(name, destination), payload, headers);
  }
}

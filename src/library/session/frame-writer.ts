import { encode } from '../stomp/encoder.js';
import type { Version } from '../stomp/version.js';
import { receiptOf, type FrameHead } from '../stomp/frame.js';
import type { Heartbeats } from './heartbeats.js';
import type { Wire } from './ports.js';

/** What a session says: frames, and heart-beats between them, on its wire and until it is over. */
export class FrameWriter {
  #version: Version = '1.0';
  #heartbeats: Heartbeats | undefined;
  #isOver = false;

  constructor(readonly wire: Wire) {}

  /** What CONNECT agreed on. */
  agree(version: Version, heartbeats: Heartbeats): void {
    this.#version = version;
    this.#heartbeats = heartbeats;
    if (version !== '1.0') this.wire.beatWhenSilent?.();
  }

  /** Sends an encoded frame, unless the session is over. */
  write(frame: Uint8Array): void {
    if (this.#isOver) return;
    this.#heartbeats?.sent();
    this.wire.send(frame);
  }

  reply(command: string, headers: readonly (readonly [string, string])[], body?: Uint8Array): void {
    this.write(encode({ command, headers, ...(body && { body }) }, this.#version));
  }

  /** STOMP 1.2, RECEIPT: where the frame asked for one. */
  answer(frame: FrameHead): void {
    const receipt = receiptOf(frame);
    if (receipt !== undefined) this.reply('RECEIPT', [['receipt-id', receipt]]);
  }

  /** A sign of life of the peer. */
  heard(): void {
    this.#heartbeats?.heard();
  }

  /** Reads no more, where the wire can; nobody is judged by their silence meanwhile. */
  pause(): void {
    this.#heartbeats?.stopListening();
    this.wire.pause();
  }

  resume(): void {
    this.#heartbeats?.listenAgain();
    this.wire.resume();
  }

  /** Nothing is said any more. */
  stop(): void {
    this.#isOver = true;
    this.#heartbeats?.stop();
  }
}

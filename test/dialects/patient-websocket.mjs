import { WebSocket } from 'ws';

// For clients that listen for one message at a time: each comes in a turn of its own.
class PatientWebSocket extends WebSocket {
  constructor(url, protocols, options) {
    super(url, protocols, { ...options, allowSynchronousEvents: false });
  }
}

Object.defineProperty(globalThis, 'WebSocket', { get: () => PatientWebSocket, set() {} });

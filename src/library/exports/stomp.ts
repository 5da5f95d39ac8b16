/** `carillon/stomp`: the grammar of STOMP 1.0, 1.1 and 1.2; bytes ↔ frames. */
export {
  Refusal,
  codes,
  type Answer,
  type ClosingCode,
  type Code,
  type CodeWith,
  type RefusalOptions,
} from '../errors.js';
export { limits, type Limits } from '../limits.js';
export { Decoder, type FrameLimits } from '../stomp/decoder.js';
export { encode, type OutgoingFrame } from '../stomp/encoder.js';
export {
  clientCommands,
  isClientCommand,
  serverCommands,
  type ClientCommand,
  type Frame,
  type ServerCommand,
} from '../stomp/frame.js';
export { negotiateHeartbeat, type Heartbeat } from '../stomp/heartbeat.js';
export {
  chooseSubprotocol,
  negotiateVersion,
  subprotocols,
  versions,
  type Version,
} from '../stomp/version.js';

import { webSocketBinary, webSocketCut, webSocketJoined, webSocketText } from './peers/websocket.js';
import { describeTransport } from './suite.js';

describeTransport(webSocketBinary);
describeTransport(webSocketCut);
describeTransport(webSocketJoined);
describeTransport(webSocketText);

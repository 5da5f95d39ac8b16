import { sockJsWebSocket } from './peers/sockjs-websocket.js';
import { describeTransport } from './suite.js';

describeTransport(sockJsWebSocket);

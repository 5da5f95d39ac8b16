import { xhrPolling, xhrStreaming } from './peers/sockjs-http.js';
import { describeTransport } from './suite.js';

describeTransport(xhrPolling);
describeTransport(xhrStreaming);

import { tcp } from './peers/tcp.js';
import { describeTransport } from './suite.js';

describeTransport(tcp);

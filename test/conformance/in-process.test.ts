import { memory } from './peers/memory.js';
import { describeTransport } from './suite.js';

describeTransport(memory);

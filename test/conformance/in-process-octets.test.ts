import { memoryByOctets } from './peers/memory.js';
import { describeTransport } from './suite.js';

describeTransport(memoryByOctets);

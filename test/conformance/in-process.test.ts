import { memory, memoryByOctets } from './peers/memory.js';
import { describeTransport } from './suite.js';

describeTransport(memory);
describeTransport(memoryByOctets);

/** `carillon/testing`: clients without sockets, and a clock that a test turns. */
export { anybody } from '../testing/anybody.js';
export { FakeClock } from '../testing/fake-clock.js';
export { MemoryClient } from '../testing/memory-client.js';
export { MemoryNode, type MemoryNodeOptions } from '../testing/memory-node.js';
export { TestClient, TestClientError, TestSubscription, type TestMessage } from '../testing/test-client.js';

import { connect } from './shapes/connect.js';
import { fanout } from './shapes/fanout.js';
import { idle } from './shapes/idle.js';
import { jitter } from './shapes/jitter.js';
import { notify } from './shapes/notify.js';
import { personal } from './shapes/personal.js';
import { patterns } from './shapes/patterns.js';
import { queue } from './shapes/queue.js';
import { slow } from './shapes/slow.js';
import { sockjs } from './shapes/sockjs.js';

/** What can be measured, by the name that is typed. */
export const shapes = { queue, notify, fanout, connect, idle, personal, patterns, sockjs, slow, jitter };

export type ShapeName = keyof typeof shapes;

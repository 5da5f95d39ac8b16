import { connect } from './shapes/connect.js';
import { fanout } from './shapes/fanout.js';
import { notify } from './shapes/notify.js';
import { queue } from './shapes/queue.js';

/** What can be measured, by the name that is typed. */
export const shapes = { queue, notify, fanout, connect };

export type ShapeName = keyof typeof shapes;

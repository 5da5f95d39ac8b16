import { chat } from './shapes/chat.js';
import { connect } from './shapes/connect.js';
import { fanout } from './shapes/fanout.js';
import { idle } from './shapes/idle.js';
import { line } from './shapes/line.js';
import { mixed } from './shapes/mixed.js';
import { nodes } from './shapes/nodes.js';
import { notify } from './shapes/notify.js';
import { queue } from './shapes/queue.js';
import { reminders } from './shapes/reminders.js';
import { socketio } from './shapes/socketio.js';

/** What can be measured, by the name that is typed. */
export const shapes = { queue, notify, fanout, connect, idle, line, nodes, reminders, socketio, chat, mixed };

export type ShapeName = keyof typeof shapes;

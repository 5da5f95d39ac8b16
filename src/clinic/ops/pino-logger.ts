import type { LoggerService } from '@nestjs/common';
import { pino, type Level, type Logger } from 'pino';
import { framesIn, loggable, loggableText } from './log-fields.js';
import type { LossyOutput } from './lossy-output.js';
import { Repetitions } from './repetitions.js';

/**
 * Nest's log as one line of JSON each. What a stranger may have written is cut and printable, of an error stands what is
 * ours, and the same trouble is told once in a while with how often it was. Tokens and bodies are not given to it.
 */
export class PinoLogger implements LoggerService {
  readonly #pino: Logger;
  readonly #repetitions = new Repetitions();

  /** @param node the name of this node, for each line */
  constructor(level: Level | 'silent', node: string | undefined, output: Pick<LossyOutput, 'write'>) {
    const serializers = {
      // Its own would take ours for an error, by its message, and write what it makes of it.
      err: (told: unknown) => told,
    };
    this.#pino = pino(
      {
        level,
        base: node === undefined ? null : { node },
        timestamp: pino.stdTimeFunctions.isoTime,
        serializers,
      },
      output,
    );
  }

  log(message: unknown, ...details: unknown[]): void {
    const isFraming = frameworkContexts.has(String(details.at(-1)));
    this.#write(isFraming ? 'debug' : 'info', message, details);
  }

  error(message: unknown, ...details: unknown[]): void {
    this.#write('error', message, details);
  }

  warn(message: unknown, ...details: unknown[]): void {
    this.#write('warn', message, details);
  }

  debug(message: unknown, ...details: unknown[]): void {
    this.#write('debug', message, details);
  }

  verbose(message: unknown, ...details: unknown[]): void {
    this.#write('trace', message, details);
  }

  fatal(message: unknown, ...details: unknown[]): void {
    this.#write('fatal', message, details);
  }

  /** Nest calls with `message, …details, context`; an object as message is fields of the line. */
  #write(level: Level, message: unknown, details: unknown[]): void {
    if (!this.#pino.isLevelEnabled(level)) return;
    const context = details.length > 0 ? details.at(-1) : undefined;
    const error = [message, ...details].find((detail) => detail instanceof Error);
    const stack = details.slice(0, -1).find((detail) => typeof detail === 'string');
    const told = isFields(message) ? message : { msg: textOf(message) };

    const times = isTrouble(level) ? this.#repetitions.count(level, context, told['msg'], error) : 1;
    if (times === 0) return;
    this.#pino[level]({
      ...(typeof context === 'string' && { context: loggableText(context) }),
      ...(loggable(told) as object),
      ...(error && { err: loggable(error) }),
      ...(stack !== undefined && { stack: framesIn(stack) }),
      ...(times > 1 && { times }),
    });
  }
}

/** Nest's own account of what it maps and starts: hundreds of lines that nobody asked for. */
const frameworkContexts = new Set([
  'NestFactory',
  'InstanceLoader',
  'RoutesResolver',
  'RouterExplorer',
  'NestApplication',
]);

function isFields(message: unknown): message is Record<string, unknown> {
  return typeof message === 'object' && message !== null && !(message instanceof Error);
}

/** An error's own message stands with it. */
function textOf(message: unknown): string {
  return message instanceof Error ? 'failed' : String(message);
}

function isTrouble(level: Level): boolean {
  return level === 'warn' || level === 'error';
}

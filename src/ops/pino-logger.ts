import type { LoggerService } from '@nestjs/common';
import { pino, type Level, type Logger } from 'pino';

/**
 * Nest's log as one line of JSON each, on stderr. Values are escaped by JSON, so what a peer sent can't forge a line;
 * tokens and bodies are not given to it.
 */
export class PinoLogger implements LoggerService {
  readonly #pino: Logger;

  constructor(level: Level | 'silent') {
    // Synchronous: what is said right before a crash is what matters most.
    this.#pino = pino(
      { level, base: null, timestamp: pino.stdTimeFunctions.isoTime },
      pino.destination({ fd: 2, sync: true }),
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
    const fields = {
      ...(typeof context === 'string' && { context }),
      ...(isFields(message) && message),
      ...(error && { err: error }),
      ...(stack && { stack }),
    };
    if (isFields(message)) this.#pino[level](fields);
    else this.#pino[level](fields, message instanceof Error ? message.message : String(message));
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

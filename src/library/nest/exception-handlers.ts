import 'reflect-metadata';
import { applyDecorators, Injectable, SetMetadata } from '@nestjs/common';
import { parametersOf } from './arguments.js';
import { asDeclared, type MappedClass } from './bound-method.js';
import type { Runnable } from './method-runner.js';
import { isSentElsewhere, targetsOf, type Targets } from './send-to.js';

/** A class of errors; abstract ones too. */
type ErrorType = abstract new (...args: never[]) => unknown;

/**
 * This method answers what the methods of its class throw, their guards and pipes included; in a `@MessagingAdvice`,
 * what those of all classes throw. Of several the one for the nearest class of the error is called, or of its `cause`.
 * Its value goes to the sender's own `/user/queue/errors`, unless `@SendTo` or `@SendToUser` say otherwise.
 * @param types of errors; none is all of them
 */
export function MessageExceptionHandler(...types: ErrorType[]): MethodDecorator {
  return SetMetadata(EXCEPTIONS, types);
}

/** A provider whose `@MessageExceptionHandler` methods answer for all classes that have no answer of their own. */
export function MessagingAdvice(): ClassDecorator {
  return applyDecorators(Injectable(), SetMetadata(ADVICE, true));
}

/** A `@MessageExceptionHandler` method. */
export interface ExceptionHandler extends Runnable {
  readonly targets: Targets;
}

/** The exceptions and their handlers, of one class or of all advice. */
export interface ExceptionHandlers {
  of(error: unknown): ExceptionHandler | undefined;
}

/** @throws {TypeError} two methods of the class answer to the same errors */
export function exceptionHandlersOf(classes: readonly MappedClass[]): ExceptionHandlers {
  const handlers = classes.flatMap(handlersIn);
  return {
    of(error) {
      for (const seen of chain(error)) {
        const ranked = handlers.flatMap((one) =>
          one.types.map((type) => ({ one, distance: distance(seen, type) })),
        );
        const nearest = ranked.toSorted((a, b) => a.distance - b.distance)[0];
        if (nearest && nearest.distance < Infinity) return nearest.one.handler;
      }
      return handlers.find(({ types }) => types.length === 0)?.handler;
    },
  };
}

/** Whether the exception handlers of a class are there for all classes. */
export function isAdvice({ type }: MappedClass): boolean {
  return Reflect.getMetadata(ADVICE, type) === true;
}

const EXCEPTIONS = Symbol('carillon:exceptions');
const ADVICE = Symbol('carillon:advice');

/** Not to `/topic`, as Spring would: an error concerns nobody else. */
const toItsSender: Targets = { toUser: [() => '/queue/errors'], isBroadcast: false, to: [] };

interface Found {
  readonly types: readonly ErrorType[];
  readonly handler: ExceptionHandler;
}

function handlersIn({ type, methods }: MappedClass): Found[] {
  const names = new Map<ErrorType | undefined, string>();
  return methods.flatMap((bound) => {
    const run = (type.prototype as Readonly<Record<string, object>>)[bound.method];
    const types = (run && Reflect.getMetadata(EXCEPTIONS, run)) as readonly ErrorType[] | undefined;
    if (!types) return [];
    for (const one of types.length > 0 ? types : [undefined]) {
      const twin = names.get(one);
      if (twin !== undefined)
        throw new TypeError(`${twin} and ${bound.name} both answer to ${one?.name ?? 'all'}`);
      names.set(one, bound.name);
    }
    const handler = asDeclared(bound, () => ({
      bound,
      parameters: parametersOf(bound, []),
      targets: isSentElsewhere(type, bound.method) ? targetsOf(type, bound.method, []) : toItsSender,
    }));
    return [{ types, handler }];
  });
}

/** An error, and what caused it, ten deep at most: causes may go round. */
function chain(error: unknown): unknown[] {
  const errors = [error];
  while (errors.length < 10) {
    const { cause } = (errors.at(-1) ?? {}) as { readonly cause?: unknown };
    if (cause === undefined || cause === null) break;
    errors.push(cause);
  }
  return errors;
}

/** How many classes an error is below a type; Infinity if it isn't one. */
function distance(error: unknown, type: ErrorType): number {
  let steps = 0;
  for (let at: unknown = error; at !== null && at !== undefined; steps++) {
    at = Object.getPrototypeOf(at);
    if (at === type.prototype) return steps;
  }
  return Infinity;
}

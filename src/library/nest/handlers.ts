import { parametersOf } from './arguments.js';
import { asDeclared, type BoundMethod, type MappedClass } from './bound-method.js';
import { MAPPINGS, PREFIXES, type Mapping } from './decorators.js';
import { compareShapes, destinationPattern, type DestinationPattern } from './destination-pattern.js';
import { exceptionHandlersOf, type ExceptionHandlers } from './exception-handlers.js';
import type { Runnable } from './method-runner.js';
import { isSentElsewhere, targetsOf, type Targets } from './send-to.js';

/** A method that answers to a destination below `/app`. */
export interface Handler extends Runnable {
  readonly verb: Mapping['verb'];
  readonly pattern: DestinationPattern;
  /** Where its value goes; undefined: to the subscription that asked. */
  readonly targets: Targets | undefined;
  /** Those of its own class. */
  readonly exceptionHandlers: ExceptionHandlers;
}

/**
 * Every `@MessageMapping` and `@SubscribeMapping` method, the most special pattern first.
 * @throws {TypeError} where a method can't be called as it is declared, or two answer to the same destinations
 */
export function handlersOf(classes: readonly MappedClass[]): Handler[] {
  const handlers = classes.flatMap((mapped) => {
    const exceptionHandlers = exceptionHandlersOf([mapped]);
    return mapped.methods.flatMap((bound) => handlersFor(bound, exceptionHandlers));
  });
  handlers.sort((one, other) => compareShapes(one.pattern.shape, other.pattern.shape));
  refuseDuplicates(handlers);
  return handlers;
}

function handlersFor(bound: BoundMethod, exceptionHandlers: ExceptionHandlers): Handler[] {
  const { type, method } = bound;
  const mappings = (Reflect.getMetadata(MAPPINGS, type.prototype, method) ?? []) as readonly Mapping[];
  const prefixes = (Reflect.getMetadata(PREFIXES, type) ?? ['']) as readonly string[];
  const isReply = (verb: Mapping['verb']): boolean => verb === 'SUBSCRIBE' && !isSentElsewhere(type, method);
  return mappings.flatMap(({ verb, pattern }) =>
    prefixes.map((prefix) =>
      asDeclared(bound, () => {
        const whole = destinationPattern(prefix + pattern);
        return {
          bound,
          verb,
          pattern: whole,
          parameters: parametersOf(bound, whole.variables),
          targets: isReply(verb) ? undefined : targetsOf(type, method, whole.variables),
          exceptionHandlers,
        };
      }),
    ),
  );
}

function refuseDuplicates(handlers: readonly Handler[]): void {
  const names = new Map<string, string>();
  for (const { verb, pattern, bound } of handlers) {
    const key = `${verb} /app${pattern.shape}`;
    const other = names.get(key);
    if (other !== undefined) throw new TypeError(`${other} and ${bound.name} both answer to ${key}`);
    names.set(key, bound.name);
  }
}

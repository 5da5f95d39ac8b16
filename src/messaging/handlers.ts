import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import { MAPPINGS, PARAMETERS, type Mapping, type ParameterSource } from './decorators.js';
import { compareShapes, destinationPattern, type DestinationPattern } from './destination-pattern.js';

/** A method that answers to a destination below `/app`. */
export interface Handler {
  readonly verb: Mapping['verb'];
  readonly pattern: DestinationPattern;
  /** Of each parameter, in order. */
  readonly parameters: readonly ParameterSource[];
  /** `Class#method`, for people. */
  readonly name: string;
  call(values: readonly unknown[]): unknown;
}

/**
 * Every `@MessageMapping` and `@SubscribeMapping` method of the application's controllers and providers, the most
 * special pattern first.
 * @throws {TypeError} where a method can't be called as it is declared, or two answer to the same destinations
 */
export function discoverHandlers(discovery: DiscoveryService, scanner: MetadataScanner): Handler[] {
  const handlers: Handler[] = [];
  // An instance may be provided under several names.
  const seen = new Set<unknown>();
  for (const wrapper of [...discovery.getControllers(), ...discovery.getProviders()]) {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null || seen.has(instance)) continue;
    seen.add(instance);
    const found = handlersOf(instance, scanner);
    if (found.length > 0 && !wrapper.isDependencyTreeStatic())
      throw new TypeError(`${found[0]?.name} is mapped, but its class is made anew for each HTTP request`);
    handlers.push(...found);
  }
  handlers.sort((one, other) => compareShapes(one.pattern.shape, other.pattern.shape));
  refuseTwins(handlers);
  return handlers;
}

function handlersOf(instance: object, scanner: MetadataScanner): Handler[] {
  const prototype = Object.getPrototypeOf(instance) as object | null;
  return scanner.getAllMethodNames(prototype).flatMap((method) => {
    const mappings = (Reflect.getMetadata(MAPPINGS, instance, method) ?? []) as readonly Mapping[];
    return mappings.map((mapping) => handlerOf(instance, method, mapping));
  });
}

function handlerOf(instance: object, method: string, mapping: Mapping): Handler {
  const name = `${instance.constructor.name}#${method}`;
  const run = (instance as Record<string, (...values: unknown[]) => unknown>)[method];
  if (!run) throw new TypeError(`${name} is no method`);
  const pattern = destinationPattern(mapping.pattern);
  return {
    verb: mapping.verb,
    pattern,
    name,
    parameters: parametersOf({ instance, method, name, pattern, count: run.length }),
    call: (values) => run.apply(instance, [...values]),
  };
}

interface Declared {
  readonly instance: object;
  readonly method: string;
  readonly name: string;
  readonly pattern: DestinationPattern;
  readonly count: number;
}

function parametersOf({ instance, method, name, pattern, count }: Declared): ParameterSource[] {
  const sources = (Reflect.getMetadata(PARAMETERS, instance, method) ?? new Map()) as ReadonlyMap<
    number,
    ParameterSource
  >;
  const last = Math.max(count - 1, ...sources.keys());
  return Array.from({ length: last + 1 }, (_, i) => {
    const source = sources.get(i);
    if (!source)
      throw new TypeError(`${name}: parameter ${i + 1} needs @Payload, @DestinationVariable or @Principal`);
    if (source.kind === 'variable' && !pattern.variables.includes(source.name))
      throw new TypeError(`${name}: there is no {${source.name}} in its pattern`);
    return source;
  });
}

function refuseTwins(handlers: readonly Handler[]): void {
  const names = new Map<string, string>();
  for (const { verb, pattern, name } of handlers) {
    const key = `${verb} /app${pattern.shape}`;
    const twin = names.get(key);
    if (twin !== undefined) throw new TypeError(`${twin} and ${name} both answer to ${key}`);
    names.set(key, name);
  }
}

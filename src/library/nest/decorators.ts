import 'reflect-metadata';
import type { PipeTransform, Type } from '@nestjs/common';
import { ENTRY_PROVIDER_WATERMARK, ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import { SchemaPipe, type PayloadSchema } from './schema-pipe.js';

/** What `MessageRouter` finds on a method. */
export interface Mapping {
  readonly verb: 'SEND' | 'SUBSCRIBE';
  /** Below `/app`, such as `/notifications.read` or `/rooms/{room}`. */
  readonly pattern: string;
}

/** Where a parameter's value comes from. */
export interface ParameterSource {
  readonly kind:
    'payload' | 'variable' | 'header' | 'headers' | 'principal' | 'session' | 'frame' | 'exception';
  /** Of the variable or header. */
  readonly name?: string;
  readonly isRequired: boolean;
  /** What there is where the client said nothing. */
  readonly defaultValue?: unknown;
}

/** Whether there has to be a value. By default there has. */
export interface ValueOptions {
  readonly required?: boolean;
  readonly defaultValue?: unknown;
}

/** What a value passes on its way to a parameter, from left to right. */
export type ParameterOption = ValueOptions | PayloadSchema | PipeTransform | Type<PipeTransform>;

/** The metadata key of the mappings that a method was decorated with. */
export const MAPPINGS = Symbol('carillon:mappings');
/** The metadata key of the prefixes that a class puts before its methods' destinations. */
export const PREFIXES = Symbol('carillon:prefixes');

/**
 * A SEND to `/app` + pattern calls this method; `{name}` in a pattern is a `@DestinationVariable`. On a class, the
 * patterns stand before those of all its methods; one that is empty is that of the class.
 */
export function MessageMapping(...patterns: [string, ...string[]]): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol): void => {
    if (method === undefined) Reflect.defineMetadata(PREFIXES, patterns.map(withSlash), target);
    else map(target, method, 'SEND', patterns);
  };
}

/** A SUBSCRIBE to `/app` + pattern calls this method; its value goes to that subscription alone. */
export function SubscribeMapping(...patterns: [string, ...string[]]): MethodDecorator {
  return (target, method) => map(target, method, 'SUBSCRIBE', patterns);
}

/**
 * The body: JSON parsed where the content-type is JSON or absent, text for `text/*`, else bytes; or what a converter
 * makes of it. With a schema (zod's, or anything that parses) its output; what doesn't fit is answered to the sender.
 */
export function Payload(...options: ParameterOption[]): ParameterDecorator {
  return parameter({ kind: 'payload' }, options);
}

/** A `{name}` of the pattern, percent-decoded. */
export function DestinationVariable(name: string, ...options: ParameterOption[]): ParameterDecorator {
  return parameter({ kind: 'variable', name }, options);
}

/** One of the client's headers. */
export function Header(name: string, ...options: ParameterOption[]): ParameterDecorator {
  return parameter({ kind: 'header', name }, options);
}

/** The client's own headers, a `ReadonlyMap`. */
export function Headers(): ParameterDecorator {
  return parameter({ kind: 'headers' });
}

/** The session's `User`. */
export function Principal(): ParameterDecorator {
  return parameter({ kind: 'principal' });
}

/** The `ClientSession`: its id, its attributes, and whether it has left. */
export function ConnectedSession(): ParameterDecorator {
  return parameter({ kind: 'session' });
}

/** All that the client said, an `ApplicationRequest`. */
export function Frame(): ParameterDecorator {
  return parameter({ kind: 'frame' });
}

/** In a `@MessageExceptionHandler`: what was thrown. */
export function MessageException(): ParameterDecorator {
  return parameter({ kind: 'exception' });
}

function map(
  target: object,
  method: string | symbol,
  verb: Mapping['verb'],
  patterns: readonly string[],
): void {
  const known = (Reflect.getOwnMetadata(MAPPINGS, target, method) ?? []) as Mapping[];
  const mappings = patterns.map((pattern) => ({ verb, pattern: withSlash(pattern) }));
  Reflect.defineMetadata(MAPPINGS, [...known, ...mappings], target, method);
  // As Nest marks gateways and resolvers: so it knows where guards that are made for each request are needed.
  Reflect.defineMetadata(ENTRY_PROVIDER_WATERMARK, true, target.constructor);
}

/** Nothing stays nothing: behind the prefix of a class, that is the prefix itself. */
function withSlash(pattern: string): string {
  return pattern === '' || pattern.startsWith('/') ? pattern : `/${pattern}`;
}

function nameOf(target: object): string {
  return 'name' in target ? String(target.name) : target.constructor.name;
}

/**
 * Kept where Nest keeps the parameters of routes: there it finds the classes of pipes that it has to make, and there
 * are those of `createParamDecorator`, which work here too.
 */
function parameter(
  source: Pick<ParameterSource, 'kind' | 'name'>,
  options: readonly ParameterOption[] = [],
): ParameterDecorator {
  return (target, method, index) => {
    if (method === undefined)
      throw new TypeError(`${nameOf(target)}: message parameters belong to methods, not to constructors`);
    const value = options.find(isValueOptions) ?? {};
    const { required = !('defaultValue' in value), defaultValue } = value;
    const data: ParameterSource = { ...source, isRequired: required, defaultValue };
    const pipes = options.flatMap((option) => (isValueOptions(option) ? [] : [pipeOf(option)]));
    const known = Reflect.getMetadata(ROUTE_ARGS_METADATA, target.constructor, method) as object | undefined;
    Reflect.defineMetadata(
      ROUTE_ARGS_METADATA,
      { ...known, [`stomp-${source.kind}:${index}`]: { index, data, pipes } },
      target.constructor,
      method,
    );
  };
}

function isValueOptions(option: ParameterOption): option is ValueOptions {
  return typeof option === 'object' && !('parse' in option) && !('transform' in option);
}

function pipeOf(option: Exclude<ParameterOption, ValueOptions>): PipeTransform | Type<PipeTransform> {
  // First: a zod schema has a method `transform` as well.
  return typeof option === 'object' && 'parse' in option ? new SchemaPipe(option) : option;
}

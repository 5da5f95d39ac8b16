import { Injectable, type ExecutionContext, type PipeTransform, type Type } from '@nestjs/common';
import { ROUTE_ARGS_METADATA } from '@nestjs/common/internal';
import type { ApplicationRequest } from '../session/ports.js';
import type { BoundMethod } from './bound-method.js';
import type { ParameterSource } from './decorators.js';
import { Converters } from './payload.js';
import { PayloadError } from './payload-error.js';

/** One call of a method. */
export interface MethodCall {
  readonly request: ApplicationRequest;
  /** Below `/app`. */
  readonly destination: string;
  /** Of the pattern, as they stand in the destination. */
  readonly variables: ReadonlyMap<string, string>;
  /** What a `@MessageExceptionHandler` is told. */
  readonly exception?: unknown;
}

/** A parameter of a method, as it was declared. */
export interface Parameter {
  readonly index: number;
  readonly pipes: readonly (PipeTransform | Type<PipeTransform>)[];
  /** What its type was when the decorators ran. */
  readonly metatype: unknown;
  readonly from: ParameterSource | CustomSource;
}

/** One made by Nest's `createParamDecorator`. */
interface CustomSource {
  readonly kind: 'custom';
  readonly data: unknown;
  readonly factory: (data: unknown, context: ExecutionContext) => unknown;
}

/**
 * The parameters of a method, in order.
 * @param variables of its pattern
 * @throws {TypeError} one that nothing fills, or a variable that the pattern lacks
 */
export function parametersOf({ type, method }: BoundMethod, variables: readonly string[]): Parameter[] {
  const declared = declaredOn(type, method);
  const run = (type.prototype as Readonly<Record<string, unknown>>)[method];
  const count = Math.max(
    typeof run === 'function' ? run.length : 0,
    ...[...declared.keys()].map((i) => i + 1),
  );
  const types = (Reflect.getMetadata('design:paramtypes', type.prototype, method) ?? []) as unknown[];
  return Array.from({ length: count }, (_, index) => {
    const parameter = declared.get(index);
    if (!parameter)
      throw new TypeError(`parameter ${index + 1} needs @Payload, @DestinationVariable or another source`);
    const { data, pipes = [], factory } = parameter;
    const from = factory ? { kind: 'custom' as const, data, factory } : (data as ParameterSource);
    if (from.kind === 'variable' && !variables.includes(from.name ?? ''))
      throw new TypeError(`there is no {${from.name}} in its pattern`);
    return { index, pipes, metatype: types[index], from };
  });
}

/** As `decorators.ts` and `createParamDecorator` left them. */
interface Declared {
  readonly index: number;
  readonly data: unknown;
  readonly pipes?: Parameter['pipes'];
  readonly factory?: CustomSource['factory'];
}

function declaredOn(type: object, method: string): ReadonlyMap<number, Declared> {
  const all = (Reflect.getMetadata(ROUTE_ARGS_METADATA, type, method) ?? {}) as Readonly<
    Record<string, Declared>
  >;
  const known = Object.entries(all).filter(([key, { factory }]) => key.startsWith('stomp-') || factory);
  return new Map(known.map(([, parameter]) => [parameter.index, parameter]));
}

/** What parameters are filled with, before their pipes. */
@Injectable()
export class Arguments {
  constructor(private readonly converters: Converters) {}

  /** @throws {PayloadError} the payload, or what has to be there, isn't */
  valueOf({ from }: Parameter, call: MethodCall, context: ExecutionContext): unknown {
    if (from.kind === 'custom') return from.factory(from.data, context);
    const value = this.#said(from, call);
    if (value !== undefined) return value;
    if (from.isRequired) throw missing(from);
    return from.defaultValue;
  }

  #said({ kind, name = '' }: ParameterSource, { request, variables, exception }: MethodCall): unknown {
    switch (kind) {
      case 'payload':
        return request.body.length === 0 ? undefined : this.converters.decode(request.headers, request.body);
      case 'variable':
        return decodeURIComponent(variables.get(name) ?? '');
      case 'header':
        return request.headers.get(name);
      case 'headers':
        return request.headers;
      case 'principal':
        return request.session.user;
      case 'session':
        return request.session;
      case 'frame':
        return request;
      case 'exception':
        return exception;
    }
  }
}

function missing({ kind, name }: ParameterSource): PayloadError {
  return kind === 'header'
    ? new PayloadError(`The header ${name} is missing.`, [{ path: `headers.${name}`, message: 'is missing' }])
    : new PayloadError('The payload is missing.', [{ path: '', message: 'is missing' }]);
}

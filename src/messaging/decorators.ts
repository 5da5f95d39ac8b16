import 'reflect-metadata';

/** What `MessageRouter` finds on a method. */
export interface Mapping {
  readonly verb: 'SEND' | 'SUBSCRIBE';
  /** Below `/app`, such as `/notifications.read` or `/rooms/{room}`. */
  readonly pattern: string;
}

/** Where a parameter's value comes from. */
export type ParameterSource =
  | { readonly kind: 'payload'; readonly schema?: PayloadSchema }
  | { readonly kind: 'variable'; readonly name: string }
  | { readonly kind: 'principal' };

/** A zod schema, or anything that parses and throws. */
export interface PayloadSchema {
  parse(value: unknown): unknown;
}

export const MAPPINGS = Symbol('carillon:mappings');
export const PARAMETERS = Symbol('carillon:parameters');

/** A SEND to `/app` + pattern calls this method; `{name}` in the pattern is a `@DestinationVariable`. */
export function MessageMapping(pattern: string): MethodDecorator {
  return mapping('SEND', pattern);
}

/** A SUBSCRIBE to `/app` + pattern calls this method; its value is the one MESSAGE of that subscription. */
export function SubscribeMapping(pattern: string): MethodDecorator {
  return mapping('SUBSCRIBE', pattern);
}

/**
 * The body: JSON parsed where the content-type is JSON or absent, text for `text/*`, else bytes.
 * With a schema, its output; what it throws is answered to the sender.
 */
export function Payload(schema?: PayloadSchema): ParameterDecorator {
  return parameter(schema ? { kind: 'payload', schema } : { kind: 'payload' });
}

/** A `{name}` of the pattern, percent-decoded. */
export function DestinationVariable(name: string): ParameterDecorator {
  return parameter({ kind: 'variable', name });
}

/** The session's `User`. */
export function Principal(): ParameterDecorator {
  return parameter({ kind: 'principal' });
}

function mapping(verb: Mapping['verb'], pattern: string): MethodDecorator {
  return (target, method) => {
    const known = (Reflect.getOwnMetadata(MAPPINGS, target, method) ?? []) as Mapping[];
    Reflect.defineMetadata(
      MAPPINGS,
      [...known, { verb, pattern: pattern.startsWith('/') ? pattern : `/${pattern}` }],
      target,
      method,
    );
  };
}

function parameter(source: ParameterSource): ParameterDecorator {
  return (target, method, index) => {
    if (method === undefined)
      throw new TypeError('Message parameters belong to methods, not to constructors');
    const known = (Reflect.getOwnMetadata(PARAMETERS, target, method) ?? new Map()) as Map<
      number,
      ParameterSource
    >;
    Reflect.defineMetadata(PARAMETERS, new Map(known).set(index, source), target, method);
  };
}

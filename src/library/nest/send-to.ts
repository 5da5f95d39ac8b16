import 'reflect-metadata';

/** Where the value of a method goes, as its decorators say. */
export interface Targets {
  /** Below `/user` of the sender. */
  readonly toUser: readonly SendTarget[];
  /** All sessions of the sender, or the one that sent. */
  readonly isBroadcast: boolean;
  readonly to: readonly SendTarget[];
}

/** A destination with its variables filled in. */
export type SendTarget = (call: {
  /** Below `/app`. */
  readonly destination: string;
  /** As they stand in the destination: an encoded `/` doesn't become one. */
  readonly variables: ReadonlyMap<string, string>;
}) => string;

/**
 * A method's value is published to these, `/topic/…` or `/queue/…`; `{name}` is a variable of its pattern. Without
 * destinations, and without this decorator: to `/topic` + the destination below `/app`. On a class, for its methods.
 */
export function SendTo(...destinations: string[]): ClassDecorator & MethodDecorator {
  return annotate(SEND_TO, { destinations, isBroadcast: true });
}

/**
 * A method's value goes to its sender, who is subscribed to `/user` + these; by default `/queue` + the destination below
 * `/app`. To all sessions of that user, or with `{ broadcast: false }` to the one that sent.
 */
export function SendToUser(
  ...said: (string | { readonly broadcast: boolean })[]
): ClassDecorator & MethodDecorator {
  const destinations = said.filter((one) => typeof one === 'string');
  const options = said.filter((one) => typeof one !== 'string');
  return annotate(SEND_TO_USER, { destinations, isBroadcast: options.every(({ broadcast }) => broadcast) });
}

/** Whether the method itself says where its value goes. */
export function isSentElsewhere(type: object, method: string): boolean {
  return [SEND_TO, SEND_TO_USER].some((key) => annotationOf(key, prototypeOf(type), method) !== undefined);
}

/**
 * As Spring has it: what names destinations wins over what names none, and the method over its class.
 * @throws {TypeError} a destination that isn't one, or a variable that the pattern lacks
 */
export function targetsOf(type: object, method: string, variables: readonly string[]): Targets {
  const ofMethod = annotationsOf(prototypeOf(type), method);
  const ofClass = annotationsOf(type);
  const { to, toUser } =
    [ofMethod, ofClass].find(namesDestinations) ?? [ofMethod, ofClass].find(isThere) ?? ofClass;
  return {
    toUser: toUser ? targets(toUser.destinations, '/queue', variables) : [],
    isBroadcast: toUser?.isBroadcast ?? true,
    to: to || !toUser ? targets(to?.destinations ?? [], '/topic', variables) : [],
  };
}

interface Annotation {
  readonly destinations: readonly string[];
  readonly isBroadcast: boolean;
}

interface Annotations {
  readonly to: Annotation | undefined;
  readonly toUser: Annotation | undefined;
}

const SEND_TO = Symbol('carillon:send-to');
const SEND_TO_USER = Symbol('carillon:send-to-user');
const VARIABLE = /\{(\w+)\}/g;

function annotate(key: symbol, annotation: Annotation): ClassDecorator & MethodDecorator {
  return (target: object, method?: string | symbol): void => {
    if (method === undefined) Reflect.defineMetadata(key, annotation, target);
    else Reflect.defineMetadata(key, annotation, target, method);
  };
}

function annotationsOf(target: object, method?: string): Annotations {
  return { to: annotationOf(SEND_TO, target, method), toUser: annotationOf(SEND_TO_USER, target, method) };
}

function annotationOf(key: symbol, target: object, method?: string): Annotation | undefined {
  return (
    method === undefined ? Reflect.getMetadata(key, target) : Reflect.getMetadata(key, target, method)
  ) as Annotation | undefined;
}

function prototypeOf(type: object): object {
  return (type as { readonly prototype: object }).prototype;
}

function namesDestinations({ to, toUser }: Annotations): boolean {
  return [to, toUser].some((annotation) => annotation !== undefined && annotation.destinations.length > 0);
}

function isThere({ to, toUser }: Annotations): boolean {
  return to !== undefined || toUser !== undefined;
}

function targets(
  destinations: readonly string[],
  defaultPrefix: string,
  variables: readonly string[],
): SendTarget[] {
  if (destinations.length === 0) return [({ destination }) => defaultPrefix + destination];
  return destinations.map((template) => {
    if (!/^\/(topic|queue)\/./.test(template))
      throw new TypeError(`a value is sent to /topic/… or /queue/…, not to ${template}`);
    const lost = [...template.matchAll(VARIABLE)].find(([, name = '']) => !variables.includes(name));
    if (lost) throw new TypeError(`${template}: there is no ${lost[0]} in its pattern`);
    return (call) => template.replaceAll(VARIABLE, (_, name: string) => call.variables.get(name) ?? '');
  });
}

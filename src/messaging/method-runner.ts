import {
  ForbiddenException,
  Inject,
  Injectable,
  type CanActivate,
  type ExecutionContext,
  type NestInterceptor,
  type Paramtype,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import {
  EXCEPTION_FILTERS_METADATA,
  selectExceptionFilterMetadata,
  type ExceptionFilterMetadata,
} from '@nestjs/common/internal';
import {
  ApplicationConfig,
  ContextIdFactory,
  ModuleRef,
  ModulesContainer,
  type ContextId,
  type NestContainer,
} from '@nestjs/core';
import {
  BaseExceptionFilterContext,
  ExecutionContextHost,
  FORBIDDEN_MESSAGE,
  GuardsConsumer,
  GuardsContextCreator,
  Injector,
  InterceptorsConsumer,
  InterceptorsContextCreator,
  PipesConsumer,
  PipesContextCreator,
  STATIC_CONTEXT,
} from '@nestjs/core/internal';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ApplicationRequest } from '../session/ports.js';
import { Arguments, type MethodCall, type Parameter } from './arguments.js';
import type { BoundMethod } from './bound-method.js';
import { throughInterceptors } from './intercepted.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';

/** What `ExecutionContext#getType` says of a message. */
export const CONTEXT_TYPE = 'stomp';

/** A method, ready to be called. */
export interface Runnable {
  readonly bound: BoundMethod;
  readonly parameters: readonly Parameter[];
}

/** What Nest puts around a method: as it is for all calls, or for one, where its class is made anew for each. */
interface Surroundings {
  readonly instance: object;
  readonly callback: (...values: unknown[]) => unknown;
  readonly guards: CanActivate[];
  readonly interceptors: NestInterceptor[];
  /** Of each parameter: those of the application, the class and the method, then its own. */
  readonly pipes: readonly PipeTransform[][];
  readonly filters: ExceptionFilterMetadata[];
}

/**
 * Calls methods through Nest's guards, interceptors, pipes and filters, bound by `@UseGuards()` and its likes or by
 * `MessagingOptions#methods`. Global ones of HTTP aren't asked, as Nest doesn't ask them for its own gateways.
 */
@Injectable()
export class MethodRunner {
  readonly #guardsConsumer = new GuardsConsumer();
  readonly #interceptorsConsumer = new InterceptorsConsumer();
  readonly #pipesConsumer = new PipesConsumer();
  readonly #injector = new Injector();
  readonly #guards: GuardsContextCreator;
  readonly #interceptors: InterceptorsContextCreator;
  readonly #pipes: PipesContextCreator;
  readonly #filters: Filters;
  readonly #static = new Map<BoundMethod, Surroundings>();
  readonly #contextOf = new WeakMap<ApplicationRequest, ContextId>();

  constructor(
    modules: ModulesContainer,
    private readonly moduleRef: ModuleRef,
    private readonly values: Arguments,
    @Inject(MESSAGING_OPTIONS) { methods = {} }: MessagingOptions,
  ) {
    const config = new ApplicationConfig();
    config.useGlobalGuards(...(methods.guards ?? []));
    config.useGlobalInterceptors(...(methods.interceptors ?? []));
    config.useGlobalPipes(...(methods.pipes ?? []));
    config.useGlobalFilters(...(methods.filters ?? []));
    // All that the creators ask of Nest's container; it gives itself to nobody.
    const container = { getModules: () => modules } as NestContainer;
    this.#guards = new GuardsContextCreator(container, config);
    this.#interceptors = new InterceptorsContextCreator(container, config);
    this.#pipes = new PipesContextCreator(container, config);
    this.#filters = new Filters(container, config);
  }

  /** @returns what the method returns: a value, or a stream. Throws what anything on the way to it throws. */
  async run(runnable: Runnable, call: MethodCall): Promise<unknown> {
    const around = await this.#around(runnable, call);
    const args = argsOf(call);
    const { instance, callback, guards, interceptors } = around;
    const isAdmitted = await this.#guardsConsumer.tryActivate(guards, args, instance, callback, CONTEXT_TYPE);
    if (!isAdmitted) throw new ForbiddenException(FORBIDDEN_MESSAGE);
    return throughInterceptors(
      (method) =>
        this.#interceptorsConsumer.intercept(interceptors, args, instance, callback, method, CONTEXT_TYPE),
      () => this.#call(around, runnable, call),
    );
  }

  /** As `run`, without guards and interceptors: for what answers an exception, theirs among them. */
  async runBare(runnable: Runnable, call: MethodCall): Promise<unknown> {
    return this.#call(await this.#around(runnable, call), runnable, call);
  }

  /** Whether a filter took the error; what it throws itself goes on instead of it. */
  async filter(
    runnable: Runnable,
    call: MethodCall,
    error: unknown,
  ): Promise<{ readonly value: unknown } | undefined> {
    const { filters, instance, callback } = await this.#around(runnable, call);
    const filter = selectExceptionFilterMetadata(filters, error);
    if (!filter) return undefined;
    const value: unknown = await filter.func(error, contextOf(call, instance, callback));
    return { value: isObservable(value) ? await lastValueFrom(value, { defaultValue: undefined }) : value };
  }

  async #call(
    { instance, callback, pipes }: Surroundings,
    { parameters }: Runnable,
    call: MethodCall,
  ): Promise<unknown> {
    const context = contextOf(call, instance, callback);
    const values = await Promise.all(
      parameters.map((parameter, i) => this.#valueOf(parameter, { call, context, pipes: pipes[i] ?? [] })),
    );
    return callback.apply(instance, values);
  }

  async #valueOf(
    parameter: Parameter,
    { call, context, pipes }: { call: MethodCall; context: ExecutionContext; pipes: PipeTransform[] },
  ): Promise<unknown> {
    const value = this.values.valueOf(parameter, call, context);
    if (pipes.length === 0) return value;
    const { metatype, from } = parameter;
    const data = from.kind === 'custom' ? from.data : from.name;
    return this.#pipesConsumer.applyPipes(
      value,
      { metatype: metatype as Type, type: typeOf(from.kind), data: data as string },
      pipes,
    );
  }

  async #around(runnable: Runnable, call: MethodCall): Promise<Surroundings> {
    const { bound } = runnable;
    const known = this.#static.get(bound);
    if (known) return known;
    if (!bound.wrapper.isDependencyTreeStatic()) return this.#aroundOnce(runnable, call);
    const around = this.#surround(runnable, bound.wrapper.instance as object);
    this.#static.set(bound, around);
    return around;
  }

  /** A class that Nest makes for each message, with what it injects. */
  async #aroundOnce(runnable: Runnable, { request }: MethodCall): Promise<Surroundings> {
    const { wrapper, name } = runnable.bound;
    const { host } = wrapper;
    if (!host) throw new Error(`${name} is in no module`);
    const contextId = this.#contextOf.get(request) ?? ContextIdFactory.create();
    this.#contextOf.set(request, contextId);
    this.moduleRef.registerRequestByContextId(request, contextId);
    const collection = host.controllers.has(wrapper.token as Type) ? host.controllers : host.providers;
    const instance: unknown = await this.#injector.loadPerContext(
      wrapper.instance as object,
      host,
      collection,
      contextId,
      wrapper,
    );
    return this.#surround(runnable, instance as object, contextId, wrapper.id);
  }

  #surround(
    { bound, parameters }: Runnable,
    instance: object,
    contextId: ContextId = STATIC_CONTEXT,
    inquirerId?: string,
  ): Surroundings {
    const callback = (instance as Readonly<Record<string, Surroundings['callback']>>)[bound.method];
    if (!callback) throw new TypeError(`${bound.name} is no method`);
    const module = bound.wrapper.host?.token ?? '';
    const all = this.#pipes.create(instance, callback, module, contextId, inquirerId);
    this.#pipes.setModuleContext(module);
    return {
      instance,
      callback,
      guards: this.#guards.create(instance, callback, module, contextId, inquirerId),
      interceptors: this.#interceptors.create(instance, callback, module, contextId, inquirerId),
      filters: this.#filters.of(instance, callback, module, contextId, inquirerId),
      pipes: parameters.map(({ from, pipes }) => [
        ...(isClients(from.kind) ? all : []),
        ...this.#pipes.createConcreteContext<unknown[], PipeTransform[]>([...pipes], contextId, inquirerId),
      ]),
    };
  }
}

/** Nest's filters for a method, the most special first. */
class Filters extends BaseExceptionFilterContext {
  constructor(
    container: NestContainer,
    private readonly config: ApplicationConfig,
  ) {
    super(container);
  }

  of(
    instance: object,
    callback: Surroundings['callback'],
    module: string,
    contextId: ContextId,
    inquirerId: string | undefined,
  ): ExceptionFilterMetadata[] {
    this.moduleContext = module;
    const everywhere = this.createConcreteContext<unknown[], ExceptionFilterMetadata[]>(
      this.config.getGlobalFilters(),
    );
    const own = this.createContext<unknown[], ExceptionFilterMetadata[]>(
      instance,
      callback,
      EXCEPTION_FILTERS_METADATA,
      contextId,
      inquirerId,
    );
    return [...everywhere, ...own].toReversed();
  }
}

/** `switchToWs()`: the client is the session, the data the frame, the pattern the destination. */
function argsOf({ request }: MethodCall): unknown[] {
  return [request.session, request, request.destination];
}

function contextOf(
  call: MethodCall,
  instance: object,
  callback: Surroundings['callback'],
): ExecutionContextHost {
  const context = new ExecutionContextHost(argsOf(call), instance.constructor as Type, callback);
  context.setType(CONTEXT_TYPE);
  return context;
}

/** As pipes know the kinds of parameters: a `ValidationPipe` looks at bodies. */
function typeOf(kind: Parameter['from']['kind']): Paramtype {
  if (kind === 'payload') return 'body';
  return kind === 'variable' ? 'param' : 'custom';
}

/** Whether a value is what the client said, and so a matter for pipes of the class and the method. */
function isClients(kind: Parameter['from']['kind']): boolean {
  return kind === 'payload' || kind === 'variable' || kind === 'header' || kind === 'custom';
}

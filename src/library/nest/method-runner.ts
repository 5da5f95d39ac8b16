import {
  ForbiddenException,
  Injectable,
  type ExecutionContext,
  type Paramtype,
  type PipeTransform,
  type Type,
} from '@nestjs/common';
import { selectExceptionFilterMetadata, type ExceptionFilterMetadata } from '@nestjs/common/internal';
import { ContextIdFactory, ModuleRef, type ContextId } from '@nestjs/core';
import {
  ExecutionContextHost,
  FORBIDDEN_MESSAGE,
  GuardsConsumer,
  Injector,
  InterceptorsConsumer,
  PipesConsumer,
} from '@nestjs/core/internal';
import { isObservable, lastValueFrom } from 'rxjs';
import type { ApplicationRequest } from '../session/ports.js';
import { Arguments, type MethodCall, type Parameter } from './arguments.js';
import type { BoundMethod } from './bound-method.js';
import { throughInterceptors } from './intercepted.js';
import { MethodContexts, type MethodContext } from './method-context.js';

/** What `ExecutionContext#getType` says of a message. */
export const CONTEXT_TYPE = 'stomp';

/** A method, ready to be called. */
export interface Runnable {
  readonly bound: BoundMethod;
  readonly parameters: readonly Parameter[];
}

/** Calls methods through Nest's guards, interceptors, pipes and filters. */
@Injectable()
export class MethodRunner {
  readonly #guardsConsumer = new GuardsConsumer();
  readonly #interceptorsConsumer = new InterceptorsConsumer();
  readonly #pipesConsumer = new PipesConsumer();
  readonly #injector = new Injector();
  readonly #static = new Map<BoundMethod, MethodContext>();
  readonly #idOf = new WeakMap<ApplicationRequest, ContextId>();

  constructor(
    private readonly moduleRef: ModuleRef,
    private readonly values: Arguments,
    private readonly contexts: MethodContexts,
  ) {}

  /** @returns what the method returns: a value, or a stream. Throws what anything on the way to it throws. */
  async run(runnable: Runnable, call: MethodCall): Promise<unknown> {
    const found = await this.#contextFor(runnable, call);
    const args = argsOf(call);
    const { instance, callback, guards, interceptors } = found;
    const isAdmitted = await this.#guardsConsumer.tryActivate(guards, args, instance, callback, CONTEXT_TYPE);
    if (!isAdmitted) throw new ForbiddenException(FORBIDDEN_MESSAGE);
    return throughInterceptors(
      (method) =>
        this.#interceptorsConsumer.intercept(interceptors, args, instance, callback, method, CONTEXT_TYPE),
      () => this.#call(found, runnable, call),
    );
  }

  /** As `run`, without guards and interceptors: for what answers an exception, theirs among them. */
  async runBare(runnable: Runnable, call: MethodCall): Promise<unknown> {
    return this.#call(await this.#contextFor(runnable, call), runnable, call);
  }

  /** Whether a filter of the method or its class took the error; what it throws itself goes on instead of it. */
  async filter(runnable: Runnable, call: MethodCall, error: unknown): Promise<boolean> {
    const found = await this.#contextFor(runnable, call);
    return filtered(found.ownFilters, found, { call, error });
  }

  /** As `filter`, by those of the application. */
  async filterGlobally(runnable: Runnable, call: MethodCall, error: unknown): Promise<boolean> {
    const found = await this.#contextFor(runnable, call);
    return filtered(found.globalFilters, found, { call, error });
  }

  async #call(
    { instance, callback, pipes }: MethodContext,
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

  async #contextFor(runnable: Runnable, call: MethodCall): Promise<MethodContext> {
    const { bound } = runnable;
    const known = this.#static.get(bound);
    if (known) return known;
    if (!bound.wrapper.isDependencyTreeStatic()) return this.#contextOnce(runnable, call);
    const found = this.contexts.of(runnable, { instance: bound.wrapper.instance as object });
    this.#static.set(bound, found);
    return found;
  }

  /** A class that Nest makes for each message, with what it injects. */
  async #contextOnce(runnable: Runnable, { request }: MethodCall): Promise<MethodContext> {
    const { wrapper, name } = runnable.bound;
    const { host } = wrapper;
    if (!host) throw new Error(`${name} is in no module`);
    const contextId = this.#idOf.get(request) ?? ContextIdFactory.create();
    this.#idOf.set(request, contextId);
    this.moduleRef.registerRequestByContextId(request, contextId);
    const collection = host.controllers.has(wrapper.token as Type) ? host.controllers : host.providers;
    const instance: unknown = await this.#injector.loadPerContext(
      wrapper.instance as object,
      host,
      collection,
      contextId,
      wrapper,
    );
    return this.contexts.of(runnable, { instance: instance as object, contextId, inquirerId: wrapper.id });
  }
}

async function filtered(
  filters: ExceptionFilterMetadata[],
  { instance, callback }: MethodContext,
  { call, error }: { readonly call: MethodCall; readonly error: unknown },
): Promise<boolean> {
  const filter = selectExceptionFilterMetadata(filters, error);
  if (!filter) return false;
  const outcome: unknown = await filter.func(error, contextOf(call, instance, callback));
  if (isObservable(outcome)) await lastValueFrom(outcome, { defaultValue: undefined });
  return true;
}

/** `switchToWs()`: the client is the session, the data the frame, the pattern the destination. */
function argsOf({ request }: MethodCall): unknown[] {
  return [request.session, request, request.destination];
}

function contextOf(
  call: MethodCall,
  instance: object,
  callback: MethodContext['callback'],
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

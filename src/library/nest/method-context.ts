import { Inject, Injectable } from '@nestjs/common';
import type { CanActivate, NestInterceptor, PipeTransform } from '@nestjs/common';
import { EXCEPTION_FILTERS_METADATA, type ExceptionFilterMetadata } from '@nestjs/common/internal';
import { ApplicationConfig, ModulesContainer, type ContextId, type NestContainer } from '@nestjs/core';
import {
  BaseExceptionFilterContext,
  GuardsContextCreator,
  InterceptorsContextCreator,
  PipesContextCreator,
  STATIC_CONTEXT,
} from '@nestjs/core/internal';
import type { Parameter } from './arguments.js';
import type { BoundMethod } from './bound-method.js';
import { MESSAGING_OPTIONS, type MessagingOptions } from './options.js';

/** What Nest puts around a method: as it is for all calls, or for one, where its class is made anew for each. */
export interface MethodContext {
  readonly instance: object;
  readonly callback: (...values: unknown[]) => unknown;
  readonly guards: CanActivate[];
  readonly interceptors: NestInterceptor[];
  /** Of each parameter: those of the application, the class and the method, then its own. */
  readonly pipes: readonly PipeTransform[][];
  /** Of the method and its class, the most special first. */
  readonly ownFilters: ExceptionFilterMetadata[];
  /** Of the application. */
  readonly globalFilters: ExceptionFilterMetadata[];
}

/** One instance of a class whose method is called. */
export interface MethodInstance {
  readonly instance: object;
  /** Where the instance lives for one message only. */
  readonly contextId?: ContextId;
  readonly inquirerId?: string;
}

/**
 * Finds Nest's guards, interceptors, pipes and filters: first those of `MessagingOptions#methods`, then the global ones of
 * the application, as for HTTP, then those of class and method.
 *
 * By Nest's own creators, which it doesn't call public: `ExternalContextCreator`, which it does, neither knows the modules of
 * controllers, so that it would pass over a guard given as a class, nor lets a stream through.
 */
@Injectable()
export class MethodContexts {
  readonly #guards: GuardsContextCreator;
  readonly #interceptors: InterceptorsContextCreator;
  readonly #pipes: PipesContextCreator;
  readonly #filters: Filters;
  readonly #methods: NonNullable<MessagingOptions['methods']>;

  constructor(
    modules: ModulesContainer,
    config: ApplicationConfig,
    @Inject(MESSAGING_OPTIONS) { methods = {} }: MessagingOptions,
  ) {
    // All that the creators ask of Nest's container; it gives itself to nobody.
    const container = { getModules: () => modules } as NestContainer;
    this.#guards = new GuardsContextCreator(container, config);
    this.#interceptors = new InterceptorsContextCreator(container, config);
    this.#pipes = new PipesContextCreator(container, config);
    this.#filters = new Filters(container, config);
    this.#methods = methods;
  }

  of(
    { bound, parameters }: { readonly bound: BoundMethod; readonly parameters: readonly Parameter[] },
    { instance, contextId = STATIC_CONTEXT, inquirerId }: MethodInstance,
  ): MethodContext {
    const callback = (instance as Readonly<Record<string, MethodContext['callback']>>)[bound.method];
    if (!callback) throw new TypeError(`${bound.name} is no method`);
    const { guards = [], interceptors = [], pipes = [], filters = [] } = this.#methods;
    const module = bound.wrapper.host?.token ?? '';
    const at = [instance, callback, module, contextId, inquirerId] as const;
    const outer = [...pipes, ...this.#pipes.create(...at)];
    this.#pipes.setModuleContext(module);
    return {
      instance,
      callback,
      guards: [...guards, ...this.#guards.create(...at)],
      interceptors: [...interceptors, ...this.#interceptors.create(...at)],
      pipes: parameters.map(({ from, pipes: own }) => [
        ...(isFromClient(from.kind) ? outer : []),
        ...this.#pipes.createConcreteContext<unknown[], PipeTransform[]>([...own], contextId, inquirerId),
      ]),
      ownFilters: this.#filters.own(...at),
      globalFilters: this.#filters.global(filters, contextId, inquirerId),
    };
  }
}

/** Nest's filters; the first that takes an error is asked. */
class Filters extends BaseExceptionFilterContext {
  constructor(
    container: NestContainer,
    private readonly config: ApplicationConfig,
  ) {
    super(container);
  }

  own(
    instance: object,
    callback: MethodContext['callback'],
    module: string,
    contextId: ContextId,
    inquirerId: string | undefined,
  ): ExceptionFilterMetadata[] {
    this.moduleContext = module;
    return this.createContext<unknown[], ExceptionFilterMetadata[]>(
      instance,
      callback,
      EXCEPTION_FILTERS_METADATA,
      contextId,
      inquirerId,
    ).toReversed();
  }

  global(
    ofMessages: readonly unknown[],
    contextId: ContextId,
    inquirerId: string | undefined,
  ): ExceptionFilterMetadata[] {
    const perMessage = this.config
      .getGlobalRequestFilters()
      .map((one) => one.getInstanceByContextId(this.getContextId(contextId, one), inquirerId)?.instance);
    const known = [...this.config.getGlobalFilters(), ...perMessage, ...ofMessages];
    return this.createConcreteContext<unknown[], ExceptionFilterMetadata[]>(known).toReversed();
  }
}

/** Whether a value is what the client said, and so a matter for pipes of the class and the method. */
function isFromClient(kind: Parameter['from']['kind']): boolean {
  return kind === 'payload' || kind === 'variable' || kind === 'header' || kind === 'custom';
}

import type { DiscoveryService, MetadataScanner } from '@nestjs/core';
import type { InstanceWrapper } from '@nestjs/core/internal';

/** A method of a controller or provider that messages may call. */
export interface BoundMethod {
  /** Nest's record of its class, in the module that provides it. */
  readonly wrapper: InstanceWrapper;
  readonly type: object & { readonly name: string; readonly prototype: object };
  readonly method: string;
  /** `Class#method`, for people. */
  readonly name: string;
}

/** A class with methods that take messages. */
export interface MappedClass {
  readonly type: BoundMethod['type'];
  readonly methods: readonly BoundMethod[];
}

/** The classes of all controllers and providers, each once, with their methods. */
export function discoverClasses(discovery: DiscoveryService, scanner: MetadataScanner): MappedClass[] {
  // An instance may be provided under several names.
  const seen = new Set<unknown>();
  return [...discovery.getControllers(), ...discovery.getProviders()].flatMap((wrapper) => {
    const instance: unknown = wrapper.instance;
    if (typeof instance !== 'object' || instance === null || seen.has(instance)) return [];
    seen.add(instance);
    const type: unknown = instance.constructor;
    if (!isClass(type)) return [];
    const methods = scanner
      .getAllMethodNames(Object.getPrototypeOf(instance) as object | null)
      .map((method) => ({ wrapper, type, method, name: `${type.name}#${method}` }));
    return [{ type, methods }];
  });
}

/**
 * Reads a method's decorators.
 * @throws {TypeError} what is wrong with them, with the name of the method
 */
export function asDeclared<T>({ name }: BoundMethod, read: () => T): T {
  try {
    return read();
  } catch (error) {
    throw new TypeError(`${name}: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

function isClass(type: unknown): type is BoundMethod['type'] {
  return typeof type === 'function' && typeof type.prototype === 'object';
}

import { z } from 'zod';

export type Schema = Readonly<Record<string, unknown>>;

/** A document that keeps its schemas where OpenAPI and AsyncAPI do. */
export interface Described {
  readonly components: { readonly schemas: Readonly<Record<string, Schema>> };
}

/** What is wrong with a value, by a schema of the document; empty where nothing is. */
export function faultsOf(document: Described, schema: Schema, value: unknown): string[] {
  const text = JSON.stringify({ ...schema, $defs: document.components.schemas });
  const { error } = z
    .fromJSONSchema(JSON.parse(text.replaceAll('#/components/schemas/', '#/$defs/')) as Schema)
    .safeParse(value);
  return error?.issues.map(({ path, message }) => `${path.join('.')}: ${message}`) ?? [];
}

/** Every `$ref` that leads nowhere. */
export function danglingReferences(document: object): string[] {
  const references = new Set<string>();
  JSON.stringify(document, (key, value: unknown) => {
    if (key === '$ref') references.add(String(value));
    return value;
  });
  return [...references].filter((reference) => {
    const steps = reference.replace('#/', '').split('/');
    return steps.reduce<unknown>((at, step) => (at as Schema | undefined)?.[step], document) === undefined;
  });
}

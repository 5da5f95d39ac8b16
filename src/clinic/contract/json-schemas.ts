import { z } from 'zod';

/** A schema of JSON Schema 2020-12, which OpenAPI and AsyncAPI take. */
export type JsonSchema = z.core.JSONSchema.BaseSchema;

type Target = 'draft-2020-12' | 'draft-07';

/**
 * Zod schemas as JSON schemas that name each other as OpenAPI and AsyncAPI do, `#/components/schemas/…`. What is
 * described is what may be sent: before defaults and transformations, and with members that a later version adds.
 */
export function jsonSchemasOf(
  schemas: Readonly<Record<string, z.ZodType>>,
  target: Target,
): Record<string, JsonSchema> {
  const registry = z.registry<{ id: string }>();
  for (const [id, schema] of Object.entries(schemas)) registry.add(schema, { id });
  const converted = z.toJSONSchema(registry, { io: 'input', target, override, uri: reference });

  const { __shared: shared, ...named } = converted.schemas;
  for (const schema of Object.values(named)) strip(schema);
  if (!shared) return named;
  // The one schema that names itself and has no name: any JSON value. Elsewhere it would be a reader's riddle.
  return JSON.parse(
    JSON.stringify({ ...named, JsonValue: shared.$defs?.['schema0'] }).replaceAll(
      `${reference('__shared')}#/$defs/schema0`,
      reference('JsonValue'),
    ),
  ) as Record<string, JsonSchema>;
}

/** One schema by itself. */
export function jsonSchemaOf(schema: z.ZodType, target: Target): JsonSchema {
  const converted = z.toJSONSchema(schema, { io: 'input', target, override });
  strip(converted);
  return converted;
}

/** The `$ref` to a schema of that name in the same document. */
export function reference(name: string): string {
  return `#/components/schemas/${name}`;
}

function override({ jsonSchema }: { jsonSchema: JsonSchema }): void {
  // Half a page of regular expression that the format says in a word.
  if (jsonSchema.format !== undefined) delete jsonSchema.pattern;
  // "Safe integer": true of every number in JSON that JavaScript reads.
  if (jsonSchema.maximum === Number.MAX_SAFE_INTEGER) delete jsonSchema.maximum;
}

/** The document says which dialect it is, and where each schema lies. */
function strip(schema: JsonSchema): void {
  delete schema.$schema;
  delete schema.$id;
}

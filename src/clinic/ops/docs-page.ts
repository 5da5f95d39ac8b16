import { createRequire } from 'node:module';
import { dirname } from 'node:path';

/**
 * Swagger UI on our own document, by our own files alone: it needs no network and no exception from our policy. All
 * addresses are relative to `/api/docs`, which may lie below a prefix that only a proxy knows.
 */
export const docsPage = `<!doctype html>
<html lang="en">
  <head>
    <meta charset="utf-8" />
    <meta name="viewport" content="width=device-width, initial-scale=1" />
    <title>Carillon API</title>
    <link rel="icon" href="../mark.svg" type="image/svg+xml" />
    <link rel="stylesheet" href="docs/swagger-ui.css" />
  </head>
  <body>
    <div id="docs"></div>
    <script src="docs/swagger-ui-bundle.js"></script>
    <script src="docs/start.js"></script>
  </body>
</html>
`;

type DocsFile = { readonly text: string } | { readonly directory: () => string };

/** What the page asks for, by name. */
export const docsFiles: ReadonlyMap<string, DocsFile> = new Map<string, DocsFile>([
  ['swagger-ui.css', { directory: swaggerUi }],
  ['swagger-ui-bundle.js', { directory: swaggerUi }],
  ['start.js', { text: start() }],
]);

function start(): string {
  const settings = {
    url: 'openapi.json',
    dom_id: '#docs',
    deepLinking: true,
    displayRequestDuration: true,
    // Else it asks validator.swagger.io.
    validatorUrl: null,
  };
  return `SwaggerUIBundle(${JSON.stringify(settings)});\n`;
}

function swaggerUi(): string {
  return dirname(createRequire(import.meta.url).resolve('swagger-ui-dist/package.json'));
}

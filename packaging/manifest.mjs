/**
 * The manifest of the package `carillon`: the library alone. The application's own dependencies, a compiled SQLite driver
 * among them, are nobody else's business.
 */
export function libraryManifest({ name, version, description, license, type, engines, dependencies }) {
  const ranges = (...names) => Object.fromEntries(names.map((one) => [one, `^${dependencies[one]}`]));
  const optional = ['typeorm', 'sqlite3', 'pg', '@stomp/stompjs'];
  return {
    name,
    version,
    description,
    license,
    type,
    engines,
    keywords: ['stomp', 'websocket', 'sockjs', 'sse', 'nestjs', 'broker', 'messaging', 'inbox'],
    sideEffects: false,
    files: ['lib', 'CHANGELOG.md', 'docs/errors.md', 'docs/from-spring.md', 'docs/guide.md'],
    exports: {
      ...Object.fromEntries(
        entries.map((entry) => [
          entry === name ? '.' : `./${entry}`,
          conditionsOf(`./lib/src/library/exports/${entry}`),
        ]),
      ),
      './client': conditionsOf('./lib/client/src/exports/client'),
      './package.json': './package.json',
    },
    dependencies: ranges('forwarded-parse', 'sockjs', 'sockjs-client', 'ws'),
    peerDependencies: ranges('@nestjs/common', '@nestjs/core', 'reflect-metadata', 'rxjs', ...optional),
    peerDependenciesMeta: Object.fromEntries(optional.map((one) => [one, { optional: true }])),
  };
}

/** Files of `src/library/exports`. */
export const entries = ['carillon', 'broker', 'stomp', 'inbox', 'store', 'testing'];

function conditionsOf(file) {
  return { types: `${file}.d.ts`, default: `${file}.js` };
}

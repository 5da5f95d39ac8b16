import { DataSource } from 'typeorm';
import { loadSettings } from './src/config.js';
import { entities, migrations } from './src/schema.js';
import { dataSourceOptions } from './src/store/data-source.js';

/** For the TypeORM command line: `typeorm migration:run -d dist/ormconfig.js`. It reads the same settings as the server. */
export default new DataSource(
  dataSourceOptions({ databaseUrl: loadSettings().databaseUrl, entities, migrations }),
);

import { DataSource } from 'typeorm';
import { loadSettings } from './src/config.js';
import { schema } from './src/schema.js';
import { dataSourceOptions } from './src/library/store/data-source.js';

/** For the TypeORM command line, such as `typeorm migration:run -d dist/ormconfig.js`; it reads the server's settings. */
export default new DataSource(dataSourceOptions(loadSettings().databaseUrl, schema));

import { renameSync } from 'node:fs';

// After `npm pack`: the application has its manifest back.
renameSync('package.application.json', 'package.json');

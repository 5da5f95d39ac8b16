import { readFileSync } from 'node:fs';

/** The houses and their rooms: which each is, and what it may import. */
const houses = JSON.parse(readFileSync(new URL('rooms.json', import.meta.url), 'utf8'));

/** The files of a house that belong to no room: leaves that import nothing of it. */
const leaves = ['errors', 'limits', 'network', 'shares', 'json-bounds'];

/** What the web client runs of the server: leaves in rooms, and what brings only those with it. */
const shared = [
  'clinic/words/language',
  'clinic/words/isolated',
  'clinic/words/speaking',
  'clinic/appointments/status',
  'clinic/appointments/cell-length',
  'clinic/text-lengths',
];

export default {
  plugins: ['eslint', 'typescript', 'unicorn', 'oxc', 'import', 'promise', 'node', 'vitest'],
  options: {
    typeAware: true,
  },
  categories: {
    correctness: 'error',
    suspicious: 'error',
  },
  env: {
    node: true,
    es2024: true,
  },
  rules: {
    'import/no-cycle': [
      'error',
      {
        ignoreTypes: false,
      },
    ],
    'import/no-unassigned-import': [
      'error',
      {
        allow: ['reflect-metadata', '**/*.css'],
      },
    ],
    'typescript/await-thenable': 'error',
    'typescript/ban-ts-comment': 'error',
    'typescript/consistent-type-imports': 'off',
    'typescript/no-explicit-any': 'error',
    'typescript/no-extraneous-class': [
      'error',
      {
        allowWithDecorator: true,
      },
    ],
    'typescript/no-floating-promises': 'error',
    'typescript/no-misused-promises': 'error',
    'typescript/no-unsafe-assignment': 'error',
    'typescript/no-unsafe-call': 'error',
    'typescript/no-unsafe-member-access': 'error',
    'typescript/no-unsafe-return': 'error',
    'typescript/no-unsafe-type-assertion': 'off',
    'typescript/only-throw-error': 'error',
    'typescript/prefer-promise-reject-errors': 'error',
    'typescript/switch-exhaustiveness-check': [
      'error',
      {
        considerDefaultExhaustiveForUnions: true,
      },
    ],
    'no-warning-comments': [
      'error',
      {
        terms: ['todo', 'fixme', 'xxx'],
        location: 'start',
      },
    ],
    'no-control-regex': 'off',
    'no-shadow': 'off',
    'no-underscore-dangle': 'off',
    'promise/always-return': 'off',
    'promise/catch-or-return': 'off',
    'unicorn/consistent-function-scoping': 'off',
    'unicorn/no-array-fill-with-reference-type': 'off',
    'unicorn/no-useless-spread': 'off',
    'unicorn/require-module-specifiers': 'off',
    'typescript/consistent-return': 'off',
    'no-restricted-exports': 'off',
  },
  overrides: [
    {
      files: ['src/**', 'migrations/**', 'ormconfig.ts'],
      rules: {
        'no-console': 'error',
        'node/no-process-env': 'error',
        'oxc/no-barrel-file': [
          'error',
          {
            threshold: 0,
          },
        ],
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['**/client/**', '**/test/**', 'src/**'],
                message: 'The server knows nothing of client/ and test/, and imports are relative.',
              },
            ],
          },
        ],
      },
    },
    {
      files: ['src/config.ts'],
      rules: {
        'node/no-process-env': 'off',
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['./*/**', '../**', 'src/**', '!./library/limits.js', '!./clinic/limits.js'],
                message: "config.ts reads settings over the houses' limits.ts and knows no room.",
              },
            ],
          },
        ],
      },
    },
    ...roomRules(),
    importRule(
      shared.map((leaf) => `src/${leaf}.ts`),
      ['**'],
      'The web client runs this file too: it imports nothing.',
    ),
    importRule(
      ['src/clinic/words/speaking.ts'],
      ['**', '!intl-messageformat', '!./isolated.js', '!./language.js'],
      'The web client runs this file too: it imports leaves, and the library for messages.',
    ),
    {
      files: ['client/**'],
      rules: {
        'no-restricted-imports': [
          'error',
          {
            patterns: [
              {
                group: ['**/../src/**', 'src/**', ...shared.map((leaf) => `!**/../src/${leaf}.js`)],
                allowTypeImports: true,
                message:
                  'client/ shares types with src/ (`import type`), and of its code the leaves of oxlint.config.mjs.',
              },
            ],
          },
        ],
      },
    },
    {
      files: ['**/*.mjs'],
      rules: {
        'typescript/no-unsafe-assignment': 'off',
        'typescript/no-unsafe-call': 'off',
        'typescript/no-unsafe-member-access': 'off',
        'typescript/no-unsafe-return': 'off',
      },
    },
    {
      files: ['**/*.test.ts', 'test/**'],
      rules: {
        'no-restricted-imports': 'off',
        'typescript/no-unsafe-assignment': 'off',
        'typescript/only-throw-error': 'off',
        'typescript/prefer-promise-reject-errors': 'off',
        'typescript/require-array-sort-compare': 'off',
        'typescript/restrict-template-expressions': 'off',
        'typescript/unbound-method': 'off',
        'vitest/expect-expect': 'off',
        'vitest/no-conditional-tests': 'off',
        'vitest/no-disabled-tests': 'off',
        'vitest/require-to-throw-message': 'off',
        'vitest/valid-title': 'off',
      },
    },
  ],
};

function roomRules() {
  return Object.entries(houses).flatMap(([house, rooms]) => [
    importRule(
      leaves.map((leaf) => `src/${house}/${leaf}.ts`),
      ['**', ...(house === 'clinic' ? ['!../library/**'] : ['!ipaddr.js'])],
      `The files beside the rooms of the ${house} are leaves: they import nothing of it. The clinic's extend the library's.`,
    ),
    ...Object.entries(rooms).map(([room, rule]) => roomRule(house, room, rule)),
  ]);
}

/** A room's own folder is open to it, but is no way out (`./../`). */
function roomRule(house, room, { imports, only, never = [] }) {
  const others = only ? ['**'] : ['../**'];
  const allowed = ['./**', ...(only ?? []), ...imports.map(up)].map((path) => `!${path}`);
  const rule = importRule(
    [`src/${house}/${room}/**`],
    [...others, ...allowed, ...never, ...outside(imports), 'src/**', './../**'],
    `${house}/${room}/ imports ${[...imports, ...(only ?? [])].join(', ')} only: rooms.json says what may be imported from where.`,
  );
  return room === 'exports' ? { ...rule, rules: { ...rule.rules, 'oxc/no-barrel-file': 'off' } } : rule;
}

/** A path of rooms.json starts at the house, and a file stands in a room of it. */
function up(path) {
  return `../${path}`;
}

/** A room that may import all rooms of both houses still gets its settings as arguments. */
function outside(imports) {
  if (!imports.includes('**')) return [];
  return ['../../**', '!../../library/**'];
}

function importRule(files, group, message) {
  return { files, rules: { 'no-restricted-imports': ['error', { patterns: [{ group, message }] }] } };
}

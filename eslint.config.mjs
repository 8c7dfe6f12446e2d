import { defineConfig, globalIgnores } from 'eslint/config';
import tseslint from 'typescript-eslint';

const sources = ['apps/**/*.ts', 'libs/**/*.ts', 'migrations/**/*.ts'];
const tests = ['**/*.spec.ts', 'test/**/*.ts'];

/** The sizes of the house: a unit that outgrows them wants to be split, not configured around. */
const sizes = {
  'max-lines': ['error', { max: 250, skipBlankLines: true, skipComments: true }],
  'max-lines-per-function': ['error', { max: 60, skipBlankLines: true, skipComments: true }],
  'max-depth': ['error', 3],
  complexity: ['error', 12],
};

const format = {
  'max-len': ['error', { code: 140, ignoreUrls: true, ignoreRegExpLiterals: true }],
  quotes: ['error', 'single', { avoidEscape: true }],
  semi: ['error', 'always'],
};

const language = {
  eqeqeq: ['error', 'always', { null: 'ignore' }],
  'no-console': 'error',
  'no-eval': 'error',
  'no-param-reassign': 'error',
  'no-restricted-properties': ['error', { object: 'Math', property: 'random', message: 'Secrets come from node:crypto.' }],
  'no-self-compare': 'error',
  'no-template-curly-in-string': 'error',
  'no-unreachable-loop': 'error',
  'no-useless-rename': 'error',
  'no-var': 'error',
  'no-warning-comments': ['error', { terms: ['todo', 'fixme', 'xxx'] }],
  'object-shorthand': 'error',
  'prefer-const': 'error',
};

const typed = {
  // Nest's modules and commands without fields are classes with nothing but a decorator.
  '@typescript-eslint/no-extraneous-class': ['error', { allowWithDecorator: true, allowEmpty: false }],
  // Would turn the imports that Nest injects by into `import type`; the compiler's verbatimModuleSyntax keeps the two apart.
  '@typescript-eslint/consistent-type-imports': 'off',
  // A handler and a Fastify plugin are async by contract, with or without something to wait for.
  '@typescript-eslint/require-await': 'off',
  // Nest and TypeORM declare their option bags as classes.
  '@typescript-eslint/no-unsafe-class-instance-assignment': 'off',
  '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
  '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: 'only-allowed-literals' }],
  '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', ignoreRestSiblings: true }],
  '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
  '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
  '@typescript-eslint/naming-convention': [
    'error',
    {
      selector: 'typeLike',
      format: ['PascalCase'],
      custom: { regex: '^Base[A-Z]|^I[A-Z][a-z]|(Impl|Manager|Helper|Util|Utils)$', match: false },
    },
  ],
  'no-restricted-imports': ['error', { paths: [
    { name: '@nestjs/common', importNames: ['forwardRef'], message: 'A cycle is a wrong boundary: move what both need' },
  ] }],
};

const injected = {
  selector: 'ClassDeclaration[decorators.length>0] [kind="constructor"] > FunctionExpression[params.length>4]',
  message: 'More than 4 injected dependencies: the class does two things.',
};
const parameters = [
  'FunctionDeclaration[params.length>4]',
  'ArrowFunctionExpression[params.length>4]',
  'MethodDefinition[kind!="constructor"] > FunctionExpression[params.length>4]',
].map((selector) => ({ selector, message: 'More than 4 parameters: pass one object with named fields.' }));
const clocks = [
  'NewExpression[callee.name="Date"][arguments.length=0]',
  'CallExpression[callee.object.name="Date"][callee.property.name="now"]',
].map((selector) => ({ selector, message: 'Time is an argument: ask the Clock.' }));
const saves = {
  selector: 'CallExpression[callee.property.name="save"]',
  message: 'save of a repository reads before it writes: use updateIf, whose condition decides (docs/adr/0006).',
};
const focused = {
  selector: 'MemberExpression[object.name=/^(describe|it|test)$/][property.name="only"]',
  message: 'A focused test hides all others.',
};

const random = ['randomBytes', 'randomInt', 'randomUUID', 'randomFill', 'randomFillSync'];

export default defineConfig(
  globalIgnores(['dist/', 'node_modules/', '.gatehouse/', 'coverage/', 'docs/generated/']),
  { linterOptions: { noInlineConfig: true, reportUnusedDisableDirectives: 'error' } },
  {
    files: ['**/*.ts'],
    extends: [tseslint.configs.strictTypeChecked, tseslint.configs.stylisticTypeChecked],
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    rules: { ...language, ...format, ...sizes, ...typed, 'no-restricted-syntax': ['error', injected, ...parameters] },
  },
  {
    files: sources,
    ignores: ['libs/{kernel,embedded-postgres}/**', ...tests],
    rules: { 'no-restricted-syntax': ['error', injected, ...parameters, ...clocks, saves] },
  },
  {
    files: ['libs/*/src/domain/**/*.ts', 'libs/document/**/*.ts'],
    ignores: tests,
    rules: {
      'no-restricted-globals': ['error', 'process', 'fetch', 'setTimeout', 'setInterval', 'performance', 'crypto'],
      'no-restricted-imports': ['error', { paths: [
        { name: 'node:crypto', importNames: random, message: 'Randomness is an argument.' },
      ] }],
    },
  },
  {
    files: tests,
    rules: {
      // A test file is a list of cases: its length is the number of rules it shows.
      'max-lines': ['error', { max: 400, skipBlankLines: true, skipComments: true }],
      'max-lines-per-function': 'off',
      'no-restricted-syntax': ['error', ...parameters, focused],
      '@typescript-eslint/no-non-null-assertion': 'off',
      // `expect.any(…)` and its kin are typed `any`.
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/unbound-method': 'off',
      // Marked as deprecated only to stand out; test servers speak http on the loopback interface.
      '@typescript-eslint/no-deprecated': ['error', { allow: [
        { from: 'package', name: 'allowInsecureRequests', package: 'openid-client' },
        { from: 'package', name: 'allowInsecureRequests', package: 'oauth4webapi' },
      ] }],
    },
  },
  {
    files: ['apps/flow/**/*.ts', 'examples/**/*.ts'],
    // Marked as deprecated only to stand out; the demo speaks http on the loopback interface.
    rules: { '@typescript-eslint/no-deprecated': ['error', { allow: [
      { from: 'package', name: 'allowInsecureRequests', package: 'openid-client' },
    ] }] },
  },
  { files: ['**/*.mjs'], rules: { ...language, ...format, ...sizes } },
);

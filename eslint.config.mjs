import javascript from '@eslint/js'
import { defineConfig, globalIgnores } from 'eslint/config'
import typescript from 'typescript-eslint'

const nodeGlobals = [
  'AbortSignal',
  'fetch',
  'jest',
  'clearInterval',
  'clearTimeout',
  'console',
  'module',
  'process',
  'require',
  'setInterval',
  'setTimeout',
  '__dirname',
]

const sqlIn = (text) => ({
  selector: `${text}=/^\\s*(SELECT|INSERT|UPDATE|DELETE|WITH) /]`,
  message: 'SQL belongs in a store.',
})

export default defineConfig(
  globalIgnores(['**/dist/', '**/coverage/']),
  {
    files: ['**/*.{js,mjs,cjs}'],
    extends: [javascript.configs.recommended],
    languageOptions: { globals: Object.fromEntries(nodeGlobals.map((name) => [name, 'readonly'])) },
  },
  { files: ['**/*.{js,cjs}'], languageOptions: { sourceType: 'commonjs' } },
  {
    files: ['**/*.{ts,tsx}'],
    extends: [
      javascript.configs.recommended,
      typescript.configs.strictTypeChecked,
      typescript.configs.stylisticTypeChecked,
    ],
    languageOptions: {
      parserOptions: { project: ['./tsconfig.json', './console/tsconfig.json'], tsconfigRootDir: import.meta.dirname },
    },
    rules: {
      '@typescript-eslint/no-floating-promises': 'error',
      // As for the compiler: a name that begins with _ is there for its place alone.
      '@typescript-eslint/no-unused-vars': ['error', { argsIgnorePattern: '^_', varsIgnorePattern: '^_' }],
      // `() => timer.stop()` answers nothing, and reads so.
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      // A number in a text reads as it is meant to.
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true }],
      // An `async` function without `await` still turns a throw into a rejection, which its callers rely on.
      '@typescript-eslint/require-await': 'off',
    },
  },
  {
    files: ['*/src/**/*.ts', 'examples/*/src/**/*.ts'],
    ignores: ['**/*-store.ts', '**/*-queue.ts', '**/database/**/*.ts'],
    rules: {
      'no-restricted-syntax': ['error', ...['Literal[value', 'TemplateElement[value.raw'].map(sqlIn)],
    },
  },
  {
    files: [
      '*/tests/**/*.ts',
      'examples/*/tests/**/*.ts',
      'chassis/testing/**/*.ts',
      'reliability/e2e/**/*.ts',
      'reliability/harness/**/*.ts',
      'reliability/faults/**/*.ts',
    ],
    rules: {
      // What an answer holds is `any` until a test has checked it, and checking it is what the test is for.
      '@typescript-eslint/no-unsafe-argument': 'off',
      '@typescript-eslint/no-unsafe-assignment': 'off',
      '@typescript-eslint/no-unsafe-call': 'off',
      '@typescript-eslint/no-unsafe-member-access': 'off',
      '@typescript-eslint/no-unsafe-return': 'off',
      // A missing value fails the test, with the line.
      '@typescript-eslint/no-non-null-assertion': 'off',
    },
  },
)

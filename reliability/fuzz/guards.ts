import type { Guards } from '../harness/removed-guard'

/** What `npm run fuzz -- --without` takes out of the services. */
export const guards = {
  'duplicate-keys': {
    file: 'chassis/src/server/parse-json.ts',
    from: "throw invalid('has a duplicate key')",
    to: 'return value',
  },
  utf8: { file: 'chassis/src/server/parse-json.ts', from: 'fatal: true', to: 'fatal: false' },
  'body-limit': { file: 'chassis/src/server/json-body.ts', from: "'16kb'", to: "'16mb'" },
  'content-type': { file: 'chassis/src/server/app.ts', from: 'route.body && !isJson(', to: 'false && !isJson(' },
  compression: { file: 'chassis/src/server/json-body.ts', from: 'inflate: false', to: 'inflate: true' },
  'strict-bodies': { file: 'chassis/src/http/run-route.ts', from: 'parse(body, request.body)', to: 'request.body' },
  'path-encoding': { file: 'chassis/src/server/app.ts', from: 'refuseMalformedPath(res)', to: 'void 0' },
  'one-host': { file: 'chassis/src/server/refusal.ts', from: 'if (hosts > 1)', to: 'if (hosts > 9)' },
  'problem-handler': {
    file: 'chassis/src/server/app.ts',
    from: 'else sendProblem(res, failure, types)',
    to: 'else res.status(failure.code === "internal" ? 500 : 400).send(String((error as Error).stack))',
  },
  'hidden-causes': {
    file: 'chassis/src/http/response.ts',
    from: 'detail: failure.detail ?? explanation',
    to: 'detail: String(failure.stack)',
  },
  'parsed-tokens': {
    file: 'chassis/src/auth/authenticator.ts',
    from: "throw cause instanceof Failure ? cause : badToken('malformed-token', cause)",
    to: 'throw cause',
  },
  'lone-surrogates': {
    file: 'chassis/src/http/fields.ts',
    from: "!value.includes('\\0') && value.isWellFormed()",
    to: 'true',
  },
} satisfies Guards

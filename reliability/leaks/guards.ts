import type { Guards } from '../harness/removed-guard'

/** What `npm run leaks -- --without` takes out of the services. */
export const guards = {
  'log-no-urls': {
    file: 'chassis/src/server/request-log.ts',
    from: 'const line = { requestId,',
    to: 'const line = { url: req.url, requestId,',
  },
  'log-no-headers': {
    file: 'chassis/src/server/request-log.ts',
    from: 'const line = { requestId,',
    to: 'const line = { headers: req.headers, requestId,',
  },
  'hashed-keys': {
    file: 'user-service/src/tokens/api-key-store.ts',
    from: "return createHash('sha256').update(apiKey).digest('hex')",
    to: 'return apiKey',
  },
  'names-of-the-deleted': {
    file: 'user-service/src/accounts/delete-user.ts',
    from: "await beginRedaction(tx, system, userId, ['name'])",
    to: '',
  },
  'unlogged-admin-key': {
    file: 'user-service/src/service.ts',
    from: 'log.info({ file: adminKeyFile,',
    to: "log.info({ key: require('node:fs').readFileSync(adminKeyFile, 'utf8'), file: adminKeyFile,",
  },
  'traces-without-texts': {
    file: 'chassis/src/tracing/trace-context.ts',
    from: '{ traceparent: `00-${known}` }',
    to: '{ traceparent }',
  },
  'unlogged-bodies-of-500': {
    file: 'chassis/src/server/app.ts',
    from: "err: error }, 'request failed')",
    to: "err: error, body: _req.body }, 'request failed')",
  },
  'overwritten-rows': {
    file: 'chassis/src/database/sqlite-connection.ts',
    from: 'PRAGMA secure_delete = ON',
    to: 'PRAGMA secure_delete = OFF',
  },
  'unquoted-values': {
    file: 'chassis/src/http/parse.ts',
    from: "new Failure('invalid-request', {",
    to: "new Failure('invalid-request', { detail: JSON.stringify(value),",
  },
} satisfies Guards

import type { Guards } from '../harness/removed-guard'

const authenticator = 'chassis/src/auth/authenticator.ts'

/** What `npm run access-matrix -- --without` takes out of the services. */
export const guards = {
  audience: { file: authenticator, from: 'audience: this.options.audience,', to: '' },
  type: { file: authenticator, from: "typ: 'at+jwt',", to: '' },
  issuer: { file: authenticator, from: '!issuer.scopes.includes(claims.scope)', to: 'false' },
  expiry: { file: authenticator, from: 'clockTolerance: clockToleranceSeconds,', to: 'clockTolerance: 86_400,' },
  lifetime: { file: authenticator, from: 'lifetime > issuer.maxTokenSeconds', to: 'false' },
  subject: { file: authenticator, from: 'claims.sub !== issuer.subject', to: 'false' },
  'issue-time': { file: authenticator, from: 'claims.iat > this.#now + clockToleranceSeconds', to: 'false' },
  'withdrawn-keys': { file: authenticator, from: '&& known.isTrusted()', to: '' },
  scopes: {
    file: 'chassis/src/server/app.ts',
    from: "who !== 'anyone' && !caller.scopes",
    to: 'false && !caller.scopes',
  },
  'token-buys-no-key': {
    file: 'user-service/src/tokens/token-routes.ts',
    from: "['key', 'admin']",
    to: "['key', 'user', 'admin']",
  },
  'own-user': { file: 'user-service/src/users/visible-user-id.ts', from: 'caller.id !== id', to: 'false' },
  'own-order': {
    file: 'order-service/src/orders/order-routes.ts',
    from: "mayActAs(caller, 'admin')\n      ?",
    to: 'true ?',
  },
  'foreign-id-as-unknown': {
    file: 'user-service/src/users/visible-user-id.ts',
    from: "new Failure('user-not-found')",
    to: "new Failure('forbidden')",
  },
} satisfies Guards

import { Authenticator } from '@tandem/chassis/auth/authenticator'
import { identify } from '@tandem/chassis/auth/identify'
import { ownKeys } from '@tandem/chassis/auth/key-set'
import { Failure } from '@tandem/chassis/failure'
import { realSystem } from '@tandem/chassis/system'
import { newSigningKey, onlyKey, userToken } from '../../testing/tokens'

/** How a route for `who` answers no credential, a key, a token, and what is neither: by the id of the caller, or not. */
async function callersOf(who: readonly string[], { isOpen = false, hasKeys = true } = {}) {
  const key = await newSigningKey()
  const issuers = new Map([['issuer', { keys: ownKeys(onlyKey(key)), scopes: ['user'], maxTokenSeconds: 900 }]])
  const anonymous = isOpen ? { id: 'anybody', scopes: ['admin'] } : undefined
  const authenticator = new Authenticator({ audience: 'here', issuers, anonymous, system: realSystem })
  const findOwner = async (it: string) => (it === 'a-key' ? { id: 'owner', scopes: ['key'] } : undefined)
  const ownCredential = { scope: 'key', name: 'key', description: 'A key.', findOwner }
  const find = identify(who, { authenticator, ...(hasKeys && { ownCredential }) })
  const idOf = async (authorization: string | undefined) => {
    try {
      return (await find(authorization)).id
    } catch (error) {
      return error instanceof Failure ? error.code : error
    }
  }
  const token = await userToken(key, realSystem)
  return [
    await idOf(undefined),
    await idOf('Bearer a-key'),
    await idOf(`Bearer ${token}`),
    await idOf('Bearer another-key'),
    await idOf('Bearer a.bad.token'),
    await idOf('Basic a-key'),
  ]
}

const none = 'unauthenticated'

describe('The caller is identified', () => {
  it('by its token on a route for tokens', async () => {
    expect(await callersOf(['user'])).toEqual([none, none, 'ada', none, none, none])
  })

  it('by its key on a route for keys, even in open mode', async () => {
    expect(await callersOf(['key'])).toEqual([none, 'owner', none, none, none, none])
    expect(await callersOf(['key'], { isOpen: true })).toEqual([none, 'owner', none, none, none, none])
  })

  it('by either on a route for both, and without one in open mode', async () => {
    expect(await callersOf(['key', 'admin'])).toEqual([none, 'owner', 'ada', none, none, none])
    expect(await callersOf(['key', 'admin'], { isOpen: true })).toEqual(['anybody', 'owner', 'ada', none, none, none])
  })

  it('never by a key in a service that issues none', async () => {
    expect(await callersOf(['key', 'admin'], { hasKeys: false })).toEqual([none, none, 'ada', none, none, none])
  })
})

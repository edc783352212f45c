import { decodeJwt } from 'jose'
import { TokenSource } from '@tandem/chassis/auth/token-source'
import { newSigningKey, onlyKey } from '../../testing/tokens'
import { VirtualSystem } from '../../testing/virtual-system'

async function source() {
  const system = new VirtualSystem()
  const tokens = new TokenSource(onlyKey(await newSigningKey()), { service: 'one', audience: 'other' }, system)
  return { system, tokens }
}

describe('The token of a service', () => {
  it('names the service, its audience and the service scope for 5 minutes', async () => {
    const { system, tokens } = await source()
    const now = system.now() / 1000
    expect(decodeJwt(await tokens.token())).toMatchObject({
      iss: 'one',
      sub: 'one',
      aud: ['other'],
      scope: 'service',
      exp: now + 300,
    })
  })

  it('is signed once for concurrent callers', async () => {
    const { tokens } = await source()
    const [one, other] = await Promise.all([tokens.token(), tokens.token()])
    expect(one).toBe(other)
  })

  it('is reused for four minutes, and renewed a minute before it expires', async () => {
    const { system, tokens } = await source()
    const first = await tokens.token()
    await system.pass(239_999)
    expect(await tokens.token()).toBe(first)
    await system.pass(1)
    const second = await tokens.token()
    expect(second).not.toBe(first)
    expect(decodeJwt(second).exp).toBe(system.now() / 1000 + 300)
    expect(await tokens.token()).toBe(second)
  })

  it('is signed again if the clock jumps', async () => {
    const { system, tokens } = await source()
    const first = await tokens.token()
    system.jump(3_600_000)
    const later = await tokens.token()
    expect(decodeJwt(later).exp! - decodeJwt(first).exp!).toBe(3600)
    system.jump(-7_200_000)
    const earlier = await tokens.token()
    expect(decodeJwt(earlier).exp! - decodeJwt(first).exp!).toBe(-3600)
  })

  it('can be signed after a failure', async () => {
    const { system, tokens } = await source()
    const newId = system.newId
    const broken = Object.assign(system, {
      newId: (): string => {
        throw new Error('no id')
      },
    })
    await expect(tokens.token()).rejects.toThrow('no id')
    Object.assign(broken, { newId })
    expect(decodeJwt(await tokens.token()).iss).toBe('one')
  })
})

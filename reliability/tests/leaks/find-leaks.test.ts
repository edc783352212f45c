import { findLeaks } from '../../leaks/find-leaks'

const secret = { name: 'a key', value: 'Zm9yYmlkZGVuLWtleS1vZi1hZGE', allowed: { files: 'it is stored there' } }
const leaksIn = (sinks: Record<string, string>) => findLeaks([secret], sinks).filter(({ isLeak }) => isLeak)

describe('The search for leaks', () => {
  it.each([
    ['as it is', secret.value],
    ['in base64', Buffer.from(secret.value).toString('base64')],
    ['in hexadecimal', Buffer.from(secret.value).toString('hex')],
  ])('finds a secret %s', (_how, text) => {
    expect(leaksIn({ log: `a line with ${text} in it` })).toMatchObject([{ secret: 'a key', sink: 'log' }])
  })

  it('finds nothing if it is not there, or may be there for a reason', () => {
    expect(leaksIn({ log: 'a line', files: secret.value })).toEqual([])
  })

  it('refuses to look into an empty place, in which nothing could be found', () => {
    expect(() => findLeaks([secret], { log: '' })).toThrow('log is empty')
  })
})

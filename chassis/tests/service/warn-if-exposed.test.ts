import { warnIfExposed } from '@tandem/chassis/service/warn-if-exposed'
import { readableLog } from '../../testing/test-app'

function warnings(address: string, inContainer = false): unknown[] {
  const { log, lines } = readableLog()
  warnIfExposed({ address, inContainer, log })
  return lines.map(({ level, msg, address: of }) => ({ level, msg, of }))
}

describe('A service', () => {
  it.each(['127.0.0.1', '127.0.1.1', '::1', '::ffff:127.0.0.1'])('does not warn on %s', (address) => {
    expect(warnings(address)).toEqual([])
  })

  it.each(['0.0.0.0', '::', '192.168.1.2', '12.7.0.1', '::ffff:10.0.0.1', 'fe80::127'])(
    'warns on %s that other machines can reach it',
    (address) => {
      expect(warnings(address)).toEqual([
        { level: 40, msg: 'HOST lets other machines reach this service', of: address },
      ])
    },
  )

  it('does not warn in a container, whatever it listens on', () => {
    expect(warnings('0.0.0.0', true)).toEqual([])
  })
})

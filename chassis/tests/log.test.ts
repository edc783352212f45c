import { silentLog } from '@tandem/chassis/log'
import { runChild } from '../testing/child'

describe('The log', () => {
  it('is a line of JSON for each event of its level, with the fields that were named', async () => {
    const child = runChild(`
      const log = require('./src/log').createLog({ service: 'tea', level: 'info' })
      log.info({ cups: 2 }, 'poured')
      log.error({ err: new Error('spilt') }, 'failed')
      log.debug('unseen')
      log.flush()
    `)
    expect(await child.code).toBe(0)
    const lines = child.output().trim().split('\n')
    expect(lines.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        level: 'info',
        time: expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/),
        service: 'tea',
        cups: 2,
        msg: 'poured',
      },
      {
        level: 'error',
        time: expect.any(String),
        service: 'tea',
        err: { type: 'Error', message: 'spilt', stack: expect.any(String) },
        msg: 'failed',
      },
    ])
  })

  it('has no values of rows that an error of PostgreSQL names', async () => {
    const child = runChild(`
      const log = require('./src/log').createLog({ service: 'tea', level: 'info' })
      const row = 'Key (email)=(ada@example.com) already exists.'
      const cause = Object.assign(new Error('duplicate key'), { code: '23505', detail: row, where: row })
      log.error({ err: cause }, 'failed')
      log.error({ err: new Error('not stored', { cause }) }, 'failed')
      log.flush()
    `)
    expect(await child.code).toBe(0)
    const [line] = child.output().split('\n')
    expect(JSON.parse(line!)).toMatchObject({ err: { message: 'duplicate key', code: '23505' } })
    expect(child.output()).not.toContain('ada@example.com')
  })

  it('can be silent', () => {
    expect(silentLog.isLevelEnabled('fatal')).toBe(false)
  })
})

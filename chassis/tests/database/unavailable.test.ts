import { isUnavailable } from '@tandem/chassis/database/unavailable'

const sqliteError = (errcode: unknown) => Object.assign(new Error('sqlite'), { errcode })

describe('An error of SQLite', () => {
  it.each([
    ['busy', 5],
    ['busy, a snapshot that is too old', 517],
    ['locked', 6],
    ['read-only', 8],
    ['an I/O error', 10],
    ['an I/O error in fsync', 1034],
    ['full', 13],
    ['cannot open', 14],
  ])('%s means that the database is temporarily unusable', (_name, code) => {
    expect(isUnavailable(sqliteError(code))).toBe(true)
  })

  it.each([
    ['a constraint', 19],
    ['a unique constraint', 2067],
    ['bad SQL', 1],
    ['a damaged file', 11],
  ])('%s is a fault', (_name, code) => {
    expect(isUnavailable(sqliteError(code))).toBe(false)
  })

  it.each([
    ['an error without a code', new Error('full')],
    ['a code that is no number', sqliteError('13')],
    ['nothing', undefined],
  ])('is not %s', (_name, error) => {
    expect(isUnavailable(error)).toBe(false)
  })
})

import { z } from 'zod'
import { page, pageQuery } from '@tandem/chassis/http/page'
import { id } from '@tandem/chassis/http/fields'

const rows = (count: number) => Array.from({ length: count }, (_, i) => ({ id: `id-${i + 1}` }))

describe('A page', () => {
  it('with more rows to come has a link to the next page, which keeps the query', () => {
    const filters = { userId: 'ada', status: undefined, name: 'a&b' }
    expect(page('/things', { limit: 2, filters }, rows(3))).toEqual({
      status: 200,
      body: [{ id: 'id-1' }, { id: 'id-2' }],
      headers: { Link: '</things?userId=ada&name=a%26b&limit=2&after=id-2>; rel="next"' },
    })
  })

  it.each([0, 1, 2])('has no link if it is the last, with %i of 2 rows', (count) => {
    expect(page('/things', { limit: 2 }, rows(count))).toEqual({ status: 200, body: rows(count) })
  })
})

describe('The query of a page', () => {
  const query = z.strictObject(pageQuery(id))
  const after = '0190f3c4-7b1a-7c3e-8d2f-0123456789ab'

  it('defaults to 20 rows from the first', () => {
    expect(query.parse({})).toEqual({ limit: 20 })
    expect(query.parse({ limit: '1', after })).toEqual({ limit: 1, after })
    expect(query.parse({ limit: '100' })).toEqual({ limit: 100 })
  })

  it.each(['0', '101', '-1', '1.5', 'ten', ' 5'])('refuses the limit %s', (limit) => {
    expect(query.safeParse({ limit }).success).toBe(false)
  })

  it('refuses a malformed id', () => {
    expect(query.safeParse({ after: '1' }).success).toBe(false)
  })
})

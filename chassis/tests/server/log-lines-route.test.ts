import request from 'supertest'
import { RecentLines } from '@tandem/chassis/recent-lines'
import { testApp } from '../../testing/test-app'

const line = (requestId: string) => `{"requestId":"${requestId}","msg":"request"}`

async function service(recentLines: RecentLines, { scope = 'admin', hasChaos = true } = {}) {
  const { app, token } = await testApp([], { hasChaos, recentLines })
  const authorization = await token(scope)
  return (path: string) => request(app).get(path).set('Authorization', authorization)
}

describe('GET /log-lines', () => {
  it('returns the lines that contain an id, oldest first', async () => {
    const lines = new RecentLines()
    for (const id of ['request-1', 'request-2', 'request-1']) lines.keep(`${line(id)}\n`)
    const get = await service(lines)
    const { status, body } = await get('/log-lines?about=request-1')
    expect([status, body]).toEqual([200, [line('request-1'), line('request-1')]])
  })

  it.each(['', '?about=', '?about=short', '?about=%22msg%22', `?about=${'x'.repeat(129)}`])(
    'returns 400 to "%s"',
    async (query) => {
      const get = await service(new RecentLines())
      expect((await get(`/log-lines${query}`)).status).toBe(400)
    },
  )

  it('is for administrators', async () => {
    const get = await service(new RecentLines(), { scope: 'user' })
    expect((await get('/log-lines?about=request-1')).status).toBe(403)
  })

  it('is not there with CHAOS=off', async () => {
    const get = await service(new RecentLines(), { hasChaos: false })
    expect((await get('/log-lines?about=request-1')).status).toBe(404)
  })
})

describe('The recent lines', () => {
  it('are those of the last 1 500 000 characters, of which the last 200 are found', () => {
    const lines = new RecentLines()
    for (let i = 1; i <= 1600; i += 1) lines.keep(`line ${i}.`.padEnd(1000, '-'))
    expect(lines.about('line 100.')).toEqual([])
    expect(lines.about('line 101.')).toHaveLength(1)
    const found = lines.about('line')
    expect([found.length, found[0]?.slice(0, 10), found.at(-1)?.slice(0, 10)]).toEqual([
      200,
      'line 1401.',
      'line 1600.',
    ])
    lines.keep('x'.repeat(2_000_000))
    expect(lines.about('line')).toEqual([])
  })
})

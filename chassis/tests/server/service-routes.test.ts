import request from 'supertest'
import * as openapi from '@tandem/chassis/openapi/document'
import { testApp } from '../../testing/test-app'
import { things } from '../../testing/thing-routes'

describe('GET /openapi.json', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  it('is made once, however often it is asked for', async () => {
    const made = jest.spyOn(openapi, 'openApiDocument')
    const stringify = jest.spyOn(JSON, 'stringify')
    const { app } = await testApp(things)
    const asText = async () => (await request(app).get('/openapi.json').expect(200)).text
    const json = await asText()
    stringify.mockClear()
    expect(await asText()).toBe(json)
    expect(made).toHaveBeenCalledTimes(1)
    expect(stringify.mock.calls.filter(([value]) => value === made.mock.results[0]?.value)).toEqual([])
    expect(JSON.parse(json)).toEqual(made.mock.results[0]?.value)
  })
})

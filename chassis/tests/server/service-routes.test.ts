import request from 'supertest'
import * as docs from '@tandem/chassis/openapi/docs-page'
import * as openapi from '@tandem/chassis/openapi/document'
import { testApp } from '../../testing/test-app'
import { things } from '../../testing/thing-routes'

describe('GET /docs and GET /openapi.json', () => {
  afterEach(() => {
    jest.restoreAllMocks()
  })

  it('are made once, however often they are asked for', async () => {
    const [page, document] = [jest.spyOn(docs, 'docsPage'), jest.spyOn(openapi, 'openApiDocument')]
    const stringify = jest.spyOn(JSON, 'stringify')
    const { app } = await testApp(things)
    const asText = async (path: string) => (await request(app).get(path).expect(200)).text
    const [docsText, json] = [await asText('/docs'), await asText('/openapi.json')]
    stringify.mockClear()
    expect([await asText('/docs'), await asText('/openapi.json')]).toEqual([docsText, json])
    expect([page, document].map(({ mock }) => mock.calls.length)).toEqual([1, 1])
    expect(stringify.mock.calls.filter(([value]) => value === document.mock.results[0]?.value)).toEqual([])
    expect(JSON.parse(json)).toEqual(document.mock.results[0]?.value)
  })
})

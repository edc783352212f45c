import { askPort } from '../harness/ask'
import { ports, serviceNames, startStack } from '../harness/stack'
import { rawRequest } from './support/raw-request'

const ask = (path: string) => askPort(ports.gateway, { path })

beforeAll(startStack)

test.each(serviceNames)('the gateway passes what comes after /%s to that service', async (name) => {
  expect(await ask(`/${name}/health`)).toMatchObject({ status: 200, body: { service: name } })
})

test.each([
  '/nowhere',
  '/metrics',
  '/index.html',
  '//',
  '/.',
  '/%2e',
  '//user-service/health',
  '/User-Service/health',
  '/user-service%2fhealth',
  '/x/../user-service/health',
])('the gateway returns a 404 problem for %s', async (path) => {
  const { status, headers, body } = await rawRequest(ports.gateway, `GET ${path}`)
  expect(status).toBe(404)
  expect(headers).toMatchObject({
    'content-type': 'application/problem+json; charset=utf-8',
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  expect(JSON.parse(body)).toEqual({
    type: 'about:blank',
    title: 'Not found',
    status: 404,
    detail: 'There is no such thing here.',
    code: 'not-found',
    requestId: headers['x-request-id'],
  })
})

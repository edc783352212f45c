import { ResponseReader, type RawResponse } from '../../faults/load/response-reader'

const responses =
  'HTTP/1.1 201 Created\r\nLocation: /orders/1\r\nContent-Length: 4\r\n\r\n\r\n\r\n' +
  'HTTP/1.1 204 No Content\r\nETag: "1"\r\n\r\n' +
  'HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok'
const expected = [
  { status: 201, location: '/orders/1' },
  { status: 204, location: undefined },
  { status: 200, location: undefined },
]

test.each([1, 2, 7, 30, 1000])('finds all pipelined responses if the bytes come in chunks of %d', (size) => {
  const reader = new ResponseReader()
  const found: RawResponse[] = []
  for (let at = 0; at < responses.length; at += size) {
    found.push(...reader.read(Buffer.from(responses.slice(at, at + size))))
  }
  expect(found).toEqual(expected)
})

test('returns a response only once its body is complete', () => {
  const reader = new ResponseReader()
  expect(reader.read(Buffer.from(responses.slice(0, responses.indexOf('HTTP/1.1 204') - 1)))).toEqual([])
})

test('throws if a response does not say how long its body is', () => {
  const reader = new ResponseReader()
  expect(() => reader.read(Buffer.from('HTTP/1.1 200 OK\r\n\r\n'))).toThrow('cannot read the response: HTTP/1.1 200 OK')
})

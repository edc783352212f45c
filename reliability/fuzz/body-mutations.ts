import fc from 'fast-check'
import type { Mutated, Mutation } from './mutations'
import type { FuzzRequest } from './request'
import { hostileNumbers, hostileText, oneOf, type Draw } from './values'

type Json = Record<string, unknown>

const hasBody = ({ json }: FuzzRequest) => json !== undefined
const keysOf = ({ json }: FuzzRequest) => Object.keys(json as Json)

/** What is sent, and what has to come back: nothing of it may be taken for what it is not. */
function sending(
  name: string,
  expected: number | undefined,
  change: (draw: Draw, text: string, request: FuzzRequest) => string | Buffer,
): Mutation {
  const apply = (draw: Draw, request: FuzzRequest): Mutated => {
    const sent = change(draw, JSON.stringify(request.json), request)
    return { request: { ...request, body: Buffer.from(sent) }, expected: expected ? [expected] : undefined }
  }
  return { name, fits: (request) => hasBody(request) && keysOf(request).length > 0, apply }
}

function typed(name: string, type: string): Mutation {
  const apply = (_draw: Draw, request: FuzzRequest): Mutated => ({
    request: {
      ...request,
      headers: request.headers.flatMap((it): [string, string][] => {
        if (it[0] !== 'Content-Type') return [it]
        return type === '' ? [] : [['Content-Type', type]]
      }),
    },
    expected: [415],
  })
  return { name, fits: hasBody, apply }
}

/** The text of an object, with another text for the value of a key. */
function replaced(request: FuzzRequest, key: string, text: string): string {
  const fields = Object.entries(request.json as Json)
  return `{${fields.map(([name, value]) => `${JSON.stringify(name)}:${name === key ? text : JSON.stringify(value)}`).join(',')}}`
}

const othersThan = (value: unknown): unknown[] => {
  const candidates: unknown[] = [true, null, 'x\0', 7.5, {}, [null], [[]], { length: 1 }]
  return candidates.filter((it) => typeof it !== typeof value || Array.isArray(it) !== Array.isArray(value))
}

export const bodyMutations: readonly Mutation[] = [
  sending('type', 400, (draw, _text, request) => {
    const key = oneOf(draw, keysOf(request))
    return replaced(request, key, JSON.stringify(oneOf(draw, othersThan((request.json as Json)[key]))))
  }),
  sending('number', 400, (draw, _text, request) =>
    replaced(request, oneOf(draw, keysOf(request)), oneOf(draw, hostileNumbers)),
  ),
  sending('text', undefined, (draw, _text, request) =>
    replaced(request, oneOf(draw, keysOf(request)), JSON.stringify(hostileText(draw))),
  ),
  sending('lone surrogate', 400, (draw, _text, request) =>
    replaced(request, oneOf(draw, keysOf(request)), oneOf(draw, ['"a\\ud800"', '"\\udc00b"', '"a\\u0000b"'])),
  ),
  sending('missing field', undefined, (draw, _text, request) => {
    const key = oneOf(draw, keysOf(request))
    return JSON.stringify(Object.fromEntries(Object.entries(request.json as Json).filter(([name]) => name !== key)))
  }),
  sending('extra field', 400, (draw, text) => {
    const name = oneOf(draw, ['id', 'creditCents', 'isAdmin', '__proto__', 'constructor', 'toString', 'scope', 'x/y~z'])
    return `${text.slice(0, -1)},${JSON.stringify(name)}:${oneOf(draw, ['1', '{}', 'null', '"admin"'])}}`
  }),
  sending('duplicate key', 400, (_draw, text) => `${text.slice(0, -1)},${text.slice(1)}`),
  sending('deep nesting', 400, (draw, _text, request) => {
    const depth = draw(fc.integer, { min: 10, max: 7000 })
    const [open, close] = oneOf(draw, [
      ['[', ']'],
      ['{"a":', '}'],
    ] as const)
    const times = Math.floor(depth / open.length)
    return replaced(request, oneOf(draw, keysOf(request)), `${open.repeat(times)}1${close.repeat(times)}`)
  }),
  sending('no JSON', 400, (draw, text) => {
    const cut = text.slice(0, draw(fc.integer, { min: 1, max: Math.max(1, text.length - 1) }))
    return oneOf(draw, [cut, `${text},`, `${text}${text}`, text.replaceAll('"', "'"), 'NaN', `/**/${text}`, '[', ' '])
  }),
  sending('other JSON', 400, (draw, text) =>
    oneOf(draw, [`[${text}]`, 'null', '1', '"x"', 'true', '[]', JSON.stringify(text)]),
  ),
  sending('not UTF-8', 400, (draw, text) => {
    const bytes = Buffer.from(text)
    const at = draw(fc.integer, { min: 1, max: bytes.length - 1 })
    const bad = oneOf(draw, [[0xff], [0xc3, 0x28], [0xed, 0xa0, 0x80], [0xc0, 0xaf], [0xf8, 0x88]])
    return Buffer.concat([bytes.subarray(0, at), Buffer.from(bad), bytes.subarray(at)])
  }),
  sending('too large', 413, (draw, text) => {
    const padding = ' '.repeat(draw(fc.integer, { min: 16_400, max: 40_000 }))
    return draw(fc.boolean) ? `${text}${padding}` : `${padding}${text}`
  }),
  typed('no content type', ''),
  typed('text', 'text/plain'),
  typed('other charset', 'application/json; charset=latin1'),
  typed('form', 'application/x-www-form-urlencoded'),
  {
    name: 'compressed',
    fits: hasBody,
    apply: (draw, request) => {
      const encoding = oneOf(draw, ['gzip', 'br', 'deflate', 'x'])
      return { request: { ...request, headers: [...request.headers, ['Content-Encoding', encoding]] }, expected: [415] }
    },
  },
]

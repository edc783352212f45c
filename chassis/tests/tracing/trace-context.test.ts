import { readTraceContext, traceIdOf } from '@tandem/chassis/tracing/trace-context'

const traceId = '4bf92f3577b34da6a3ce929d0e0e4736'
const traceparent = `00-${traceId}-00f067aa0ba902b7-01`

describe('The trace of a request', () => {
  it('is what its headers say', () => {
    expect(readTraceContext({ traceparent })).toEqual({ traceparent })
    expect(traceIdOf({ traceparent })).toBe(traceId)
  })

  it.each([
    ['none', undefined],
    ['nonsense', 'nonsense'],
    ['an unknown version', `ff-${traceId}-00f067aa0ba902b7-01`],
    ['a trace of zeros', `00-${'0'.repeat(32)}-00f067aa0ba902b7-01`],
    ['a parent of zeros', `00-${traceId}-${'0'.repeat(16)}-01`],
    ['capital letters', traceparent.toUpperCase()],
    ['a long tail', `${traceparent}-${'x'.repeat(100)}`],
    ['a line break', `${traceparent}\n`],
  ])('is none if traceparent is %s', (_what, given) => {
    expect(readTraceContext({ ...(given !== undefined && { traceparent: given }) })).toBeUndefined()
  })

  it('has no text that the caller chose', () => {
    const later = traceparent.replace('00-', 'cc-')
    expect(readTraceContext({ traceparent: `${later}-Ada`, tracestate: 'name=Ada' })).toEqual({ traceparent })
  })
})

import type { z } from 'zod'
import { id, name, text } from '@tandem/chassis/http/fields'

const takes = (schema: z.ZodType, value: unknown) => schema.safeParse(value).success

describe('A text', () => {
  const schema = text({ min: 1, max: 3 })

  it.each(['a', 'abc', 'äöü', '👍👍👍', ' ', '\ud83d\udc4d'])('accepts %j', (value) => {
    expect(takes(schema, value)).toBe(true)
  })

  it.each([
    ['too short', ''],
    ['too long', 'abcd'],
    ['too long, in emoji', '👍👍👍👍'],
    ['U+0000', 'a\0'],
    ['half of a pair, the first', 'a\ud83d'],
    ['half of a pair, the second', '\udc4da'],
    ['no text', 5],
    ['null', null],
  ])('refuses %s', (_what, value) => {
    expect(takes(schema, value)).toBe(false)
  })

  it('counts an emoji as one character, for the minimum too', () => {
    expect(takes(text({ min: 2, max: 3 }), '👍')).toBe(false)
    expect(takes(text({ min: 2, max: 3 }), '👍👍')).toBe(true)
  })

  it('can be empty without a minimum', () => {
    expect(takes(text({ max: 3 }), '')).toBe(true)
  })
})

describe('A name', () => {
  it.each(['A', ' A ', 'Ada Lovelace', '小さい', '👩‍👩‍👧', 'x\u200by', '\u200fعلي', '.', 'x'.repeat(100)])(
    'may be %j',
    (value) => {
      expect(takes(name, value)).toBe(true)
    },
  )

  it.each([
    ['an escape sequence', 'A\u001b[2J'],
    ['a line break', 'Ada\nBob'],
    ['a tab', 'Ada\tBob'],
    ['a bell', '\u0007'],
    ['a delete', 'A\u007f'],
    ['a control sequence of one character', 'A\u009b2J'],
    ['a next line', 'A\u0085B'],
    ['U+0000', 'a\0'],
    ['blanks', '   '],
    ['no-break and wide blanks', '\u00a0\u3000\u2003'],
    ['characters of no width', '\u200b\u2060\ufeff\u00ad'],
    ['fillers', '\u3164\u115f'],
    ['nothing', ''],
    ['101 characters', 'x'.repeat(101)],
  ])('refuses %s', (_what, value) => {
    expect(takes(name, value)).toBe(false)
  })
})

describe('An id', () => {
  it('is a UUID of any version, normalised to lower case', () => {
    expect(id.parse('0190F3C4-7B1A-7C3E-8D2F-0123456789AB')).toBe('0190f3c4-7b1a-7c3e-8d2f-0123456789ab')
    expect(takes(id, 'c232ab00-9414-11ec-b3c8-9f6bdeced846')).toBe(true)
    expect(takes(id, '9b2e0d5a-4f3c-4c8e-a1b2-3c4d5e6f7081')).toBe(true)
  })

  it.each([
    '',
    '1',
    '0190f3c47b1a7c3e8d2f0123456789ab',
    '0190f3c4-7b1a-7c3e-8d2f-0123456789ag',
    '0190f3c4-7b1a-7c3e-8d2f-0123456789ab ',
    '{0190f3c4-7b1a-7c3e-8d2f-0123456789ab}',
  ])('refuses %j', (value) => {
    expect(takes(id, value)).toBe(false)
  })
})

import { printable } from '@tandem/chassis/printable'

describe('A text that is printed', () => {
  it.each([
    ['an escape sequence', 'A\u001b[2J', 'A\\u001b[2J'],
    ['a line break', 'Ada\r\nBob', 'Ada\\u000d\\u000aBob'],
    ['a C1 control character', 'A\u009b2J\u007f', 'A\\u009b2J\\u007f'],
    ['a turned direction', 'a\u202egpj.exe', 'a\\u202egpj.exe'],
    ['a line separator', 'a\u2028b', 'a\\u2028b'],
  ])('shows %s as an escape', (_what, text, shown) => {
    expect(printable(text)).toBe(shown)
  })

  it('is as it was if it has nothing of the kind', () => {
    expect(printable('Ada 👩‍👩‍👧 \\u001b é 小')).toBe('Ada 👩‍👩‍👧 \\u001b é 小')
  })
})

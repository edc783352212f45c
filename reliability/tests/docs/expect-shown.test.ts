import { expectShown } from '../../e2e/support/expect-shown'

const shows = (language: string, text: string) => ({ shown: [{ language, text }] })

it.each([
  ['text', '202\n…\nstatus: pending\n', 'HTTP\n202\r\nid: 1\nstatus: pending\n'],
  ['text', '{"id":"…","reason":null,…}\n', '{"id":"01a2","reason":null,"x":1}\n'],
  ['json', '{ "id": "…", "items": [{ "n": 2 }] }', '{"id":"01a2","items":[{"n":1},{"n":2}],"x":1}\n'],
])('accepts %s that shortens the output', (language, shown, output) => {
  expect(() => {
    expectShown(output, shows(language, shown))
  }).not.toThrow()
})

it.each([
  ['text', '202\n', '201\n'],
  ['text', 'a\nb\n', 'b\na\n'],
  ['text', '202\n', '{"code":202}\n'],
  ['json', '{ "status": "confirmed" }', '{"status":"pending"}\n'],
  ['json', '{ "reason": null }', '{"status":"pending"}\n'],
  ['json', '[{ "n": 2 }, { "n": 1 }]', '[{"n":1},{"n":2}]\n'],
  ['json', '{}', ''],
])('refuses %s that the output does not have', (language, shown, output) => {
  expect(() => {
    expectShown(output, shows(language, shown))
  }).toThrow('the document shows')
})

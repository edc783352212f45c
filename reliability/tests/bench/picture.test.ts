import { pictureOf } from '../../bench/picture'
import { summarise } from '../../bench/summary'
import { figures, growth } from './example-figures'

const picture = pictureOf(summarise(figures, growth), 'measured on <this> & that')

test('the picture is well-formed XML', () => {
  expect(faultsOf(picture)).toEqual([])
  expect(faultsOf(picture.replace('&amp;', '&'))).not.toEqual([])
  expect(faultsOf(picture.replace('</title>', ''))).not.toEqual([])
})

test('the picture has colours for both schemes, and loads nothing', () => {
  const [light = '', dark = ''] = picture.split('@media (prefers-color-scheme: dark)')
  for (const name of ['text', '.note', '.background', '.bar', '.ours']) {
    expect(light).toMatch(new RegExp(`\\${name}? ?\\{[^}]*fill: #`.replace('\\t', 't')))
    expect(dark).toContain(`${name} { fill: #`)
  }
  expect(picture.match(/https?:[^"]*/g)).toEqual(['http://www.w3.org/2000/svg'])
  expect(picture).not.toMatch(/@import|@font-face|url\(|<image|<script/)
})

test('the picture shows each rate, each ratio, and how it was measured', () => {
  for (const shown of ['2 000', '4 000', '1 000 (0.50 × naive, 0.25 × floor)', '1 000 000', '800 (0.80 × the first)'])
    expect(picture).toContain(`>${shown}</text>`)
  expect(picture).toContain('measured on &lt;this&gt; &amp; that')
})

test('a reader who does not see the picture gets a title and all its values', () => {
  expect(picture).toMatch(/<svg [^>]*role="img" aria-labelledby="title description"/)
  expect(picture).toContain('<title id="title">Tandem beside two yardsticks</title>')
  const [, description] = /<desc id="description">(.*?)<\/desc>/.exec(picture) ?? []
  expect(description).toContain('POST /orders, a second: naive, in memory 2 000; floor, on disk 4 000; Tandem 1 000')
})

test('bars are as long as their values are large, and texts end within the picture', () => {
  const widthOf = (text: string) => Number(/width="([\d.]+)"/.exec(text)?.[1])
  const [, naive = '', floor = '', tandem = ''] = picture.split('<rect class=').slice(1)
  expect([naive, floor, tandem].map(widthOf)).toEqual([160, 320, 80])
  const ends = [...picture.matchAll(/<text x="([\d.]+)"[^>]*>([^<]*)</g)].map(
    ([, x, text]) => Number(x) + text!.length * 7,
  )
  expect(Math.max(...ends)).toBeLessThanOrEqual(widthOf(picture))
})

test('the panel of the growth is left out if it was not measured', () => {
  expect(pictureOf(summarise(figures, []), '')).not.toContain('stored beforehand')
})

/** Tags that do not match, attributes without quotes, and bare ampersands. */
function faultsOf(xml: string): string[] {
  const faults: string[] = []
  const open: string[] = []
  for (const [, tag, text] of xml.matchAll(/<([^>]*)>|([^<]+)/g)) {
    if (text !== undefined) {
      if (/&(?!(amp|lt|gt);)|>/.test(text)) faults.push(text)
      continue
    }
    const [, closing, name, attributes = ''] = /^(\/?)([a-z]+)((?: [a-zA-Z-]+="[^"<&]*")*)\/?$/.exec(tag ?? '') ?? []
    if (name === undefined || (closing === '/' && (attributes !== '' || open.pop() !== name))) faults.push(tag ?? '')
    if (closing === '' && name !== undefined && !tag?.endsWith('/')) open.push(name)
  }
  return [...faults, ...open]
}

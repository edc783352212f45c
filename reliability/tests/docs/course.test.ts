import { tourTexts } from '../../../console/src/tour/texts'
import { documentText } from '../../harness/commands'
import { blocksOf, filesIn } from './documents'

const pages = filesIn('docs/course').filter((file) => /^docs\/course\/\d/.test(file))
const chinese = (page: string) => page.replace('course/', 'course/zh-CN/')
const headings = [
  'Predict',
  'Run and see',
  'Break it',
  'Mend it yourself',
  'What it is called',
  'The test that would have caught it',
]

test('the course has six steps', () => {
  expect(pages).toHaveLength(6)
})

test.each(pages)('%s is built as the others, and its step has a patch', (page) => {
  const found = [...documentText(page).matchAll(/^## (.*)$/gm)].map(([, heading]) => heading)
  expect(found).toEqual(headings)
  expect(documentText(page)).toContain(`npm run course -- break ${/\d/.exec(page)![0]}`)
})

test.each(['docs/course/README.md', ...pages])('%s has the same commands in Chinese', (page) => {
  for (const language of ['bash', 'text', 'json']) {
    expect(blocksOf(chinese(page), language)).toEqual(blocksOf(page, language))
  }
})

test.each(Object.values(tourTexts))('the tour and the course say the same of "$title"', ({ title, act, page }) => {
  expect(documentText(`docs/course/${page}`).replace(/\s+/g, ' ')).toContain(`**${title}.** ${act}`)
})

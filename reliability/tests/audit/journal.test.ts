import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { readJournal } from '../../audit/journal'

function journalFile(...lines: string[]): string {
  const file = join(temporaryFolder(), 'journal.jsonl')
  writeFileSync(file, lines.join('\n'))
  return file
}

const user = '{"what":"user","id":"1"}'

test('a journal is read line by line, without empty lines', async () => {
  const order =
    '{"what":"order","id":"2","userId":"1","totalCents":300,"status":"pending","key":"k","placedBy":"admin"}'
  expect(await readJournal(journalFile(user, '', `${order}\r`, ''))).toEqual([JSON.parse(user), JSON.parse(order)])
})

test.each([
  ['is not valid JSON', '{"what":"user"', 'not valid JSON'],
  ['is of no known kind', '{"what":"tea","id":"2"}', 'what Invalid discriminator value'],
  [
    'lacks a field',
    '{"what":"deposit","id":"2","userId":"1"}',
    'amountCents Invalid input: expected number, received undefined',
  ],
  ['has a field too many', '{"what":"user","id":"2","nmae":"Ada"}', 'Unrecognized key: "nmae"'],
  ['has a status that is none', '{"what":"order","id":"2","userId":"1","status":"lost"}', 'status Invalid option'],
])('a journal with a line that %s is refused with the file and the line', async (_, line, reason) => {
  const file = journalFile(user, '', line, user)
  await expect(readJournal(file)).rejects.toThrow(`${file}:3: ${reason}`)
})

test('a missing journal is refused', async () => {
  await expect(readJournal('/nowhere/journal.jsonl')).rejects.toThrow('ENOENT')
})

import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { temporaryFolder } from '../../../chassis/testing/temporary'
import { readJournal } from '../../audit/journal'

function journalFile(...lines: string[]): string {
  const file = join(temporaryFolder(), 'journal.jsonl')
  writeFileSync(file, lines.join('\n'))
  return file
}

const user = '{"kind":"user","id":"1"}'

test('a journal is read line by line, without empty lines', async () => {
  const order =
    '{"kind":"order","id":"2","userId":"1","totalCents":300,"status":"pending","key":"k","placedBy":"admin"}'
  expect(await readJournal(journalFile(user, '', `${order}\r`, ''))).toEqual([JSON.parse(user), JSON.parse(order)])
})

test.each([
  ['is not valid JSON', '{"kind":"user"', 'not valid JSON'],
  ['is of no known kind', '{"kind":"tea","id":"2"}', 'kind Invalid discriminator value'],
  [
    'lacks a field',
    '{"kind":"deposit","id":"2","userId":"1"}',
    'amountCents Invalid input: expected number, received undefined',
  ],
  ['has a field too many', '{"kind":"user","id":"2","nmae":"Ada"}', 'Unrecognized key: "nmae"'],
  ['has a status that is none', '{"kind":"order","id":"2","userId":"1","status":"lost"}', 'status Invalid option'],
])('a journal with a line that %s is refused with the file and the line', async (_, line, reason) => {
  const file = journalFile(user, '', line, user)
  await expect(readJournal(file)).rejects.toThrow(`${file}:3: ${reason}`)
})

test('a missing journal is refused', async () => {
  await expect(readJournal('/nowhere/journal.jsonl')).rejects.toThrow('ENOENT')
})

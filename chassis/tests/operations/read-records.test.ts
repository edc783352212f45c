import { Readable } from 'node:stream'
import { readRecords } from '@tandem/chassis/operations/read-records'
import { OperatorError } from '@tandem/chassis/failure'
import { collect } from '../../testing/collect'

function read(...lines: string[]) {
  return collect(readRecords('tea-service', Readable.from(lines.map((line) => `${line}\n`))))
}

const cup = '{"kind":"cup","of":"tea"}'
const end = '{"kind":"end","of":"tea-service"}'

describe('Records of another service', () => {
  it('are read line by line, up to the end line', async () => {
    expect(await read(cup, cup, end)).toEqual([JSON.parse(cup), JSON.parse(cup)])
    expect(await read(end)).toEqual([])
  })

  it('are refused if the end line is missing or foreign', async () => {
    await expect(read(cup)).rejects.toThrow(new OperatorError('incomplete records of tea-service'))
    await expect(read()).rejects.toThrow(OperatorError)
    await expect(read(end, cup)).rejects.toThrow(OperatorError)
    await expect(read(cup, '{"kind":"end","of":"coffee-service"}')).rejects.toThrow(OperatorError)
  })

  it('are refused if a line is no record, with one line that shows it', async () => {
    const refused = 'not a valid record of tea-service: '
    await expect(read(cup, cup.slice(0, 9))).rejects.toThrow(new OperatorError(`${refused}{"kind":"`))
    await expect(read('"cup"', end)).rejects.toThrow(new OperatorError(`${refused}"cup"`))
    await expect(read('{"kind":1}', end)).rejects.toThrow(new OperatorError(`${refused}{"kind":1} (kind)`))
    await expect(read('\u001b[2J')).rejects.toThrow(new OperatorError(`${refused}\\u001b[2J`))
    await expect(read('x'.repeat(1000))).rejects.toThrow(new OperatorError(refused + 'x'.repeat(200)))
  })
})

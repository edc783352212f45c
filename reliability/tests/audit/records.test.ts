import { Readable } from 'node:stream'
import { collectOrderRecords, collectUserRecords } from '../../audit/records'

const user = { kind: 'user', id: '1', name: 'Ada', version: 1, creditCents: 0, depositedCents: 0 }

test('records can have more members than the audit reads', async () => {
  const { users } = await collectUserRecords(Readable.from([{ ...user, email: 'ada@example.com' }]))
  expect(users).toEqual([user])
})

test.each([
  ['lacks a field', { kind: 'user', id: '1', name: 'Ada', version: 1 }, 'creditCents'],
  ['is of no known kind', { kind: 'tea' }, 'kind'],
])('a record that %s is refused with its text', async (_, record, field) => {
  const collecting = collectUserRecords(Readable.from([user, record]))
  await expect(collecting).rejects.toThrow(`user-service printed ${JSON.stringify(record)}: `)
  await expect(collecting).rejects.toThrow(field)
})

test('the records of one service are refused as those of the other', async () => {
  await expect(collectOrderRecords(Readable.from([user]))).rejects.toThrow('order-service printed')
})

import { audit } from '../../audit/audit'
import { rightRecords } from '../support/right-records'

test('the records of a day of orders, cancellations, renames and a deletion have no findings', async () => {
  const { findings, checked } = audit(await rightRecords(), { settled: true })
  expect(findings).toEqual([])
  expect(checked).toEqual({
    users: 1,
    deposits: 3,
    holds: 4,
    orders: 5,
    'events of users': 4,
    'events of orders': 11,
    'copies of users': 2,
  })
})

test('a finding says what is wrong in one sentence, and names whom it concerns', async () => {
  const records = await rightRecords()
  const ada = records.users.users[0]!
  ada.creditCents += 1
  const message = `user ${ada.id} has deposits of 1500, but 1201 available and 300 held`
  expect(audit(records, { settled: true }).findings).toEqual([
    { kind: 'books-differ', ids: { userId: ada.id }, message },
  ])
})
